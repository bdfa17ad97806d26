import type {DecoderState, LanguageModel} from '../../engine/language-model.ts'

/** What a model was asked, and when. */
export interface Trace {
  /** Rows of all prefills. */
  prefilledRows: number
  /** When each step was asked for: the tokens of all rows were chosen then. */
  readonly stepStarts: number[]
  /** Rows of each step. */
  readonly stepRows: number[]
}

/** The model as it is, with a note of when decoding asks for each step. */
export function timedModel(
  model: LanguageModel,
  trace: Trace,
  nowMs: () => number,
  prefill: LanguageModel['prefill'] = (prompts) => model.prefill(prompts),
): LanguageModel {
  return {
    facts: model.facts,
    prefill: async (prompts) => {
      trace.prefilledRows += prompts.length
      return new TimedState(await prefill(prompts), trace, nowMs)
    },
    computeMs: () => model.computeMs(),
    close: () => model.close(),
  }
}

class TimedState implements DecoderState {
  private readonly inner: DecoderState
  private readonly trace: Trace
  private readonly nowMs: () => number

  constructor(inner: DecoderState, trace: Trace, nowMs: () => number) {
    this.inner = inner
    this.trace = trace
    this.nowMs = nowMs
  }

  get rows(): number {
    return this.inner.rows
  }

  get logits(): Float32Array {
    return this.inner.logits
  }

  step(next: Int32Array): Promise<void> {
    this.trace.stepStarts.push(this.nowMs())
    this.trace.stepRows.push(next.length)
    return this.inner.step(next)
  }

  select(rows: Int32Array): void {
    this.inner.select(rows)
  }

  canJoin(other: DecoderState): boolean {
    return other instanceof TimedState && this.inner.canJoin(other.inner)
  }

  reserve(rows: number): void {
    this.inner.reserve?.(rows)
  }

  join(other: DecoderState): void {
    if (!(other instanceof TimedState)) throw new Error('these states cannot be joined')
    this.inner.join(other.inner)
  }

  close(): void {
    this.inner.close()
  }
}
