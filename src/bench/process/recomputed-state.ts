import type {DecoderState, LanguageModel} from '../../engine/language-model.ts'

/**
 * A decoder-only model without a cache: for each token everything before it is computed again. What the figure of the paper
 * says that its decoder-only model does.
 */
export async function prefillWithoutCache(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
): Promise<DecoderState> {
  const state = await model.prefill(prompts)
  const logits = Float32Array.from(state.logits)
  state.close()
  return new RecomputedState(model, prompts, logits)
}

class RecomputedState implements DecoderState {
  private readonly model: LanguageModel
  private texts: readonly (readonly number[])[]
  logits: Float32Array

  constructor(model: LanguageModel, texts: readonly (readonly number[])[], logits: Float32Array) {
    this.model = model
    this.texts = texts
    this.logits = logits
  }

  get rows(): number {
    return this.texts.length
  }

  async step(next: Int32Array): Promise<void> {
    this.texts = this.texts.map((text, row) => [...text, next[row]!])
    const state = await this.model.prefill(this.texts)
    this.logits = Float32Array.from(state.logits)
    state.close()
  }

  select(rows: Int32Array): void {
    const vocabulary = this.logits.length / this.rows
    const logits = new Float32Array(rows.length * vocabulary)
    rows.forEach((row, place) => {
      logits.set(this.logits.subarray(row * vocabulary, (row + 1) * vocabulary), place * vocabulary)
    })
    this.logits = logits
    this.texts = Array.from(rows, (row) => this.texts[row]!)
  }

  canJoin(other: DecoderState): boolean {
    return other instanceof RecomputedState && other.model === this.model
  }

  join(other: DecoderState): void {
    if (!(other instanceof RecomputedState)) throw new Error('these states cannot be joined')
    const logits = new Float32Array(this.logits.length + other.logits.length)
    logits.set(this.logits)
    logits.set(other.logits, this.logits.length)
    this.logits = logits
    this.texts = [...this.texts, ...other.texts]
  }

  close(): void {
    this.texts = []
  }
}
