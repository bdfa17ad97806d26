import type {DecoderState, LanguageModel} from './language-model.ts'

/** How far two logits vectors of the same prompt lie apart. */
export interface Agreement {
  /** Largest absolute difference over the standard deviation of the expected logits: 0 = equal. */
  readonly spread: number
  readonly sameBest: boolean
}

/** Above this, a difference is not rounding but another computation (a wrong cache moves logits by about one deviation). */
const LIMITS = {
  exact: 0.02,
  /** float16 keeps 11 bits; through some dozens of layers a few hundredths of a deviation are rounding. */
  half: 0.1,
  inexact: 0.75,
}

/** Compares (vocabulary) logits; not-a-number counts as infinitely far. */
export function agreement(expected: Float32Array, actual: Float32Array): Agreement {
  let sum = 0
  let squares = 0
  let largest = 0
  for (let token = 0; token < expected.length; token += 1) {
    const value = expected[token]!
    const difference = Math.abs(value - actual[token]!)
    // Forbidden tokens may be -Infinity in both.
    if (value === actual[token]) continue
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
  }
  const finite = expected.filter(Number.isFinite)
  for (const value of finite) {
    sum += value
    squares += value * value
  }
  const mean = sum / finite.length
  const deviation = Math.sqrt(Math.max(0, squares / finite.length - mean * mean))
  return {
    spread: largest === 0 ? 0 : largest / (deviation || 1e-6),
    sameBest: best(expected) === best(actual),
  }
}

/** The most that two ways to the same logits of this model may lie apart. */
export function limitOf({batching, maxRows, dtype}: LanguageModel['facts']): number {
  // A file that runs one row at a time to be exact has scales of its own for each run: a step is not a slice of the whole prompt.
  if (batching.kind === 'inexact' || maxRows === 1) return LIMITS.inexact
  return dtype === 'fp16' || dtype === 'q4f16' ? LIMITS.half : LIMITS.exact
}

/** A short prompt of ordinary tokens: spread over the vocabulary, no special ones, always the same. */
export function testPrompt(model: Pick<LanguageModel, 'facts'>, length: number): number[] {
  const {vocabulary, tokens} = model.facts
  const special = new Set([...tokens.end, tokens.pad, tokens.begin, tokens.decoderStart])
  const prompt: number[] = tokens.begin === undefined ? [] : [tokens.begin]
  for (let index = 1; prompt.length < length; index += 1) {
    const token = (index * 7919) % vocabulary
    if (!special.has(token) || index > 10 * length) prompt.push(token)
  }
  return prompt
}

/** One check of the self-test, for `slm doctor` and the manifest. */
export interface SelfTestCheck {
  readonly name: string
  /** `alone`: about one row; `batch`: about rows beside each other. */
  readonly scope: 'alone' | 'batch'
  readonly passed: boolean
  /** As in Agreement. */
  readonly spread: number
  readonly detail: string
}

const STEPS = 2

const STEP_CHECK = 'a step with the cache equals one without'

/** What the step is tried on that must equal one without a cache, in an encoder-decoder. */
export function stepProbe(model: Pick<LanguageModel, 'facts'>): {
  readonly prompt: readonly number[]
  readonly next: number
} {
  return {prompt: testPrompt(model, 6), next: testPrompt(model, 8).at(-1)!}
}

/** An encoder-decoder's logits, (vocabulary), after its start token and `next`, computed without keys and values of before. */
export type WithoutCache = (prompt: readonly number[], next: number) => Promise<Float32Array>

/**
 * Proves cheaply that steps with the cache equal steps without, that a row beside a longer one gives what it gives
 * alone, and that dropping and joining rows moves nothing else.
 */
export async function selfTest(model: LanguageModel, withoutCache?: WithoutCache): Promise<SelfTestCheck[]> {
  const limit = limitOf(model.facts)
  const checks: SelfTestCheck[] = []
  const compare = (
    name: string,
    scope: SelfTestCheck['scope'],
    expected: Float32Array,
    actual: Float32Array,
  ): void => {
    const found = agreement(expected, actual)
    const detail = `logits differ by at most ${found.spread.toExponential(1)} of their deviation`
    checks.push({name, scope, passed: found.spread <= limit, spread: found.spread, detail})
  }
  const prompt = testPrompt(model, 6)
  const longer = testPrompt(model, 8)
  if (model.facts.architecture === 'dec-only') {
    const whole = await model.prefill([prompt])
    const part = await model.prefill([prompt.slice(0, -1)])
    await part.step(Int32Array.of(prompt.at(-1)!))
    compare(STEP_CHECK, 'alone', whole.logits, part.logits)
    closeAll(whole, part)
  } else if (withoutCache !== undefined) {
    const probe = stepProbe(model)
    const stepped = await model.prefill([probe.prompt])
    await stepped.step(Int32Array.of(probe.next))
    compare(STEP_CHECK, 'alone', await withoutCache(probe.prompt, probe.next), stepped.logits)
    closeAll(stepped)
  }
  const alone = await follow(model, await model.prefill([prompt]))
  if (model.facts.maxRows === undefined || model.facts.maxRows > 1) {
    const beside = await follow(model, await model.prefill([longer, prompt]))
    compare('a row in a padded batch equals the row alone', 'batch', alone, beside)
    const left = await model.prefill([longer, prompt])
    left.select(Int32Array.of(1))
    compare('dropping a row leaves the others as they were', 'batch', alone, await follow(model, left))
    const joined = await model.prefill([longer])
    const guest = await model.prefill([prompt])
    if (joined.canJoin(guest)) {
      joined.join(guest)
      compare('a row that joins a batch goes on as it was', 'batch', alone, await follow(model, joined))
    } else closeAll(joined, guest)
  }
  return checks
}

/** The last row's logits, (vocabulary), after a few fixed tokens; closes the state. */
async function follow(model: LanguageModel, state: DecoderState): Promise<Float32Array> {
  for (const token of testPrompt(model, STEPS + 1).slice(1))
    await state.step(new Int32Array(state.rows).fill(token))
  const logits = state.logits.slice((state.rows - 1) * model.facts.vocabulary)
  state.close()
  return logits
}

function closeAll(...states: readonly DecoderState[]): void {
  for (const state of states) state.close()
}

function best(logits: Float32Array): number {
  let at = 0
  for (let token = 1; token < logits.length; token += 1) if (logits[token]! > logits[at]!) at = token
  return at
}
