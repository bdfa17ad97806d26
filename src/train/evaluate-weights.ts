import type {Example} from './batch.ts'
import {type BatchOptions, toBatch} from './batch.ts'
import type {Parameter} from './initial-weights.ts'
import {graphInputs} from './trainer.ts'
import type {TrainingSession} from './training-session.ts'

export interface Evaluation {
  /** Mean cross-entropy of an answer's token, natural logarithm. */
  readonly loss: number
  /** Share of answers of which every token is the likeliest: those that greedy decoding gives, rounding aside. */
  readonly exact: number
  /** Answers. */
  readonly count: number
}

/** Teacher-forced evaluation. `session` gives predictions. */
export async function evaluateWeights(
  examples: readonly Example[],
  parameters: readonly Parameter[],
  session: TrainingSession,
  options: BatchOptions,
): Promise<Evaluation> {
  const ordered = examples.toSorted(
    (a, b) => a.source.length + a.target.length - b.source.length - b.target.length,
  )
  let lossSum = 0
  let tokens = 0
  let exact = 0
  for (let first = 0; first < ordered.length; first += options.rows) {
    const batch = toBatch(ordered.slice(first, first + options.rows), options)
    const graph = await session.open()
    const count = batch.lossWeights.length
    const loss = new Float32Array(1)
    const predictions = new BigInt64Array(count)
    // Weights of 1 give the sum over the answers' tokens.
    await graph.run(graphInputs(parameters, batch, {loss: 1, target: 1}), {
      target_loss: {data: loss, dims: []},
      predictions: {data: predictions, dims: [count]},
    })
    lossSum += loss[0]!
    const labels = batch.inputs.labels.data
    for (const [row, {start, length}] of batch.answers.entries()) {
      const from = row * batch.shape.targetLength + start
      const wanted = labels.subarray(from, from + length)
      if (predictions.subarray(from, from + length).every((id, at) => id === wanted[at])) exact++
      tokens += length
    }
  }
  return {loss: lossSum / tokens, exact: exact / examples.length, count: examples.length}
}
