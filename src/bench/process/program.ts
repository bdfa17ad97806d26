import type {
  Description,
  GenerationRequest,
  GenerationTiming,
  MachineRates,
  OpenedFacts,
  OpenRequest,
} from './messages.ts'

/** A program that generates text with a model: ours, or a peer. Lives in the measured process. */
export interface Program {
  open(request: OpenRequest): Promise<OpenedProgram>
  /** Clock in milliseconds from any fixed point. */
  nowMs(): number
  /** Reads facts, parameters and costs; only our own program can. */
  describe?(request: OpenRequest): Promise<Description>
  /** Measures what bounds every model on this machine. */
  rates?(threads: number): Promise<MachineRates>
}

export interface OpenedProgram {
  readonly facts: OpenedFacts
  /** Processor time is added by the process itself. */
  generate(request: GenerationRequest): Promise<Omit<GenerationTiming, 'processorMs'>>
  close(): Promise<void>
}
