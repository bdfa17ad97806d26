import type {Architecture, Dtype} from '../../engine/language-model.ts'
import type {BenchSetting} from '../../store/bench-record.ts'
import type {ModelWork} from '../model-work.ts'

/** What a measured process is asked to open. */
export interface OpenRequest {
  /** Absolute. */
  readonly folder: string
  readonly name: string
  readonly dtype: Dtype | undefined
  readonly threads: number | undefined
  /** sha256 over the files, where it is known already: hashing them again would count as loading. */
  readonly digest: string | undefined
  /** Whether prompts may start after a prefix that ran before: only in that setting, or repeated prompts would cost nothing. */
  readonly prefixCache: boolean
  /** A file of another format that a peer opens instead. */
  readonly peerFile: string | undefined
}

/** What is measured: one generation of `batch` rows. Prompts follow from the seed and the repeat, in every program alike. */
export interface GenerationRequest {
  readonly setting: BenchSetting
  readonly batch: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Tokens at the head of each prompt that are computed before the clock starts (`prefix-cache`). */
  readonly prefixTokens: number
  readonly seed: number
  readonly repeat: number
  /** Which generation of the process this is: no two of them have equal prompts. */
  readonly index: number
}

/** When things happened, by the measured process's own clock. */
export interface GenerationTiming {
  readonly firstTokenMs: number
  /** Between one token and the next, of all rows together: one value less than output tokens. */
  readonly tokenMs: readonly number[]
  readonly endToEndMs: number
  /** Inside ONNX Runtime; undefined for programs that do not tell. */
  readonly computeMs: number | undefined
  /** Processor time of all threads of the process. */
  readonly processorMs: number
}

/** What is known of a model once it is open. */
export interface OpenedFacts {
  readonly architecture: Architecture
  readonly dtype: string
  readonly vocabulary: number
  /** Longest prompt, with the new tokens for a decoder-only model; undefined where nothing names one. */
  readonly contextLength: number | undefined
  readonly digest: string | undefined
  readonly threads: number
  readonly notes: readonly string[]
  /** Settings that this program cannot measure with this model, and why. */
  readonly cannot: Partial<Record<BenchSetting, string>>
}

/** What is read once, apart from any measurement. */
export interface Description {
  readonly facts: OpenedFacts
  /** Undefined where the files do not show it. */
  readonly parameters: number | undefined
  readonly work: ModelWork | undefined
}

/** A rate and the samples that it is the best of. */
export interface MeasuredRate {
  readonly value: number
  readonly samples: readonly number[]
  readonly method: string
}

export interface MachineRates {
  /** Bytes per second. */
  readonly bandwidth: MeasuredRate
  /** Floating-point operations per second. */
  readonly gemm: MeasuredRate
}

/** What the parent asks; each is answered once, in order. */
export type ToMeasured =
  | {readonly kind: 'describe'; readonly model: OpenRequest}
  | {readonly kind: 'rates'; readonly threads: number}
  | {readonly kind: 'open'; readonly model: OpenRequest}
  | {readonly kind: 'generate'; readonly request: GenerationRequest}
  | {readonly kind: 'close'}

export type FromMeasured =
  /** The program is loaded, no model is. */
  | {readonly kind: 'ready'}
  | {readonly kind: 'described'; readonly description: Description}
  | {readonly kind: 'rated'; readonly rates: MachineRates}
  | {readonly kind: 'opened'; readonly facts: OpenedFacts; readonly loadMs: number}
  | {readonly kind: 'generated'; readonly timing: GenerationTiming}
  | {readonly kind: 'closed'}
  | {
      readonly kind: 'failed'
      readonly message: string
      readonly code: string | undefined
      readonly hint: string | undefined
    }
