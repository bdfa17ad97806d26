import type {TensorArray} from '../engine/array-graph.ts'
import type {BatchShape} from './training-graph.ts'

/** A prompt and its answer as tokens; the answer ends with the end token. */
export interface Example {
  readonly source: readonly number[]
  readonly target: readonly number[]
}

export interface BatchOptions {
  readonly isEncoderDecoder: boolean
  /** Rows of the batch; missing ones are empty and weigh nothing. */
  readonly rows: number
  readonly beginToken: number
  readonly padToken: number
  /** What a position of the prompt weighs in the loss of a decoder-only network; an answer's position weighs 1. */
  readonly sourceWeight: number
}

export interface Batch {
  readonly shape: BatchShape
  /** The graph's inputs beside the weights; the weights of the loss are not yet divided by their sum. */
  readonly inputs: Readonly<Record<'input_ids' | 'labels', TensorArray>> & {readonly source_ids?: TensorArray}
  /** (rows * target length) */
  readonly lossWeights: Float32Array
  readonly targetWeights: Float32Array
  /** Tokens of prompts and answers, padding left out. */
  readonly tokens: number
  /** By row, the first position of its answer's prediction and how many follow. */
  readonly answers: readonly {readonly start: number; readonly length: number}[]
}

/** Examples as arrays, padded to the longest. Padding stands at the right, in the decoder too. */
export function toBatch(examples: readonly Example[], options: BatchOptions): Batch {
  const {isEncoderDecoder, rows, beginToken, padToken, sourceWeight} = options
  const rowsOf = examples.map(({source, target}) =>
    isEncoderDecoder
      ? {input: [beginToken, ...target.slice(0, -1)], labels: target, start: 0}
      : {
          input: [...source, ...target.slice(0, -1)],
          labels: [...source.slice(1), ...target],
          start: source.length - 1,
        },
  )
  const sourceLength = isEncoderDecoder ? Math.max(1, ...examples.map(({source}) => source.length)) : 0
  const targetLength = Math.max(1, ...rowsOf.map(({input}) => input.length))
  const lossWeights = new Float32Array(rows * targetLength)
  const targetWeights = new Float32Array(rows * targetLength)
  for (const [row, {labels, start}] of rowsOf.entries()) {
    const first = row * targetLength
    lossWeights.fill(sourceWeight, first, first + start)
    lossWeights.fill(1, first + start, first + labels.length)
    targetWeights.fill(1, first + start, first + labels.length)
  }
  const padded = (lists: readonly (readonly number[])[], length: number): TensorArray => {
    const data = new BigInt64Array(rows * length).fill(BigInt(padToken))
    for (const [row, ids] of lists.entries()) data.set(ids.map(BigInt), row * length)
    return {data, dims: [rows, length]}
  }
  const labels = padded(
    rowsOf.map((row) => row.labels),
    targetLength,
  )
  return {
    shape: {rows, sourceLength, targetLength},
    inputs: {
      input_ids: padded(
        rowsOf.map((row) => row.input),
        targetLength,
      ),
      labels: {data: labels.data, dims: [rows * targetLength]},
      ...(isEncoderDecoder
        ? {
            source_ids: padded(
              examples.map(({source}) => source),
              sourceLength,
            ),
          }
        : {}),
    },
    lossWeights,
    targetWeights,
    tokens: examples.reduce((total, {source, target}) => total + source.length + target.length, 0),
    answers: rowsOf.map(({start, labels: {length}}) => ({start, length: length - start})),
  }
}
