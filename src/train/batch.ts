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

/** Tokens without padding and where they stand. */
type Side<Ids extends string, Name extends string> = Ids | `${Name}_places` | `${Name}_positions`

export interface Batch {
  readonly shape: BatchShape
  /** The graph's inputs beside the weights; the weights of the loss are not yet divided by their sum. */
  readonly inputs: Readonly<Record<'labels' | Side<'input_ids', 'target'>, TensorArray>> &
    Readonly<Partial<Record<Side<'source_ids', 'source'>, TensorArray>>>
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
  const labels = new BigInt64Array(rows * targetLength).fill(BigInt(padToken))
  for (const [row, ids] of rowsOf.entries()) labels.set(ids.labels.map(BigInt), row * targetLength)
  const read = packed(
    rowsOf.map(({input}) => input),
    rows,
    targetLength,
  )
  const source = isEncoderDecoder
    ? packed(
        examples.map((example) => example.source),
        rows,
        sourceLength,
        padToken,
      )
    : undefined
  return {
    shape: {
      rows,
      sourceLength,
      targetLength,
      sourceTokens: source?.ids.data.length ?? 0,
      targetTokens: read.ids.data.length,
      countedTokens: lossWeights.reduce((count, weight) => (weight === 0 ? count : count + 1), 0),
    },
    inputs: {
      input_ids: read.ids,
      target_places: read.places,
      target_positions: read.positions,
      labels: {data: labels, dims: [rows * targetLength]},
      ...(source && {
        source_ids: source.ids,
        source_places: source.places,
        source_positions: source.positions,
      }),
    },
    lossWeights,
    targetWeights,
    tokens: examples.reduce((total, {source, target}) => total + source.length + target.length, 0),
    answers: rowsOf.map(({start, labels: {length}}) => ({start, length: length - start})),
  }
}

/** Tokens one after the other, and where they stand in rows of a length: see packed-rows.ts. */
function packed(lists: readonly (readonly number[])[], rows: number, length: number, leftOut?: number) {
  const ids: bigint[] = []
  const positions: bigint[] = []
  const places = new BigInt64Array(rows * length).fill(-1n)
  for (const [row, list] of lists.entries())
    for (const [at, id] of list.entries()) {
      const position = row * length + at
      if (id === leftOut) continue
      places[position] = BigInt(ids.length)
      ids.push(BigInt(id))
      positions.push(BigInt(position))
    }
  const vector = (values: readonly bigint[]): TensorArray => ({
    data: BigInt64Array.from(values),
    dims: [values.length],
  })
  return {ids: vector(ids), positions: vector(positions), places: {data: places, dims: [rows, length]}}
}
