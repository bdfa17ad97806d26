import {Tensor} from 'onnxruntime-node'

/** An integer input of the type that the graph wants. */
export function integers(
  type: 'int64' | 'int32',
  values: ArrayLike<number>,
  dims: readonly number[],
): Tensor {
  if (type === 'int32') return new Tensor('int32', Int32Array.from(values), dims)
  const wide = new BigInt64Array(values.length)
  for (let index = 0; index < values.length; index += 1) wide[index] = BigInt(values[index]!)
  return new Tensor('int64', wide, dims)
}

export type Side = 'left' | 'right'

/** Token ids of several prompts as one padded block. */
export interface PaddedIds {
  readonly rows: number
  readonly length: number
  /** (rows, length) */
  readonly ids: Int32Array
  /** (rows, length), 1 = a real token. */
  readonly mask: Int32Array
  /** (rows, length): counted from each row's first real token; padding has 1, as Hugging Face gives it on the left. */
  readonly positions: Int32Array
}

export function padPrompts(
  prompts: readonly (readonly number[])[],
  side: Side,
  pad: number,
  length: number,
): PaddedIds {
  const rows = prompts.length
  const ids = new Int32Array(rows * length).fill(pad)
  const mask = new Int32Array(rows * length)
  const positions = new Int32Array(rows * length).fill(1)
  for (let row = 0; row < rows; row += 1) {
    const prompt = prompts[row]!
    const offset = row * length + (side === 'left' ? length - prompt.length : 0)
    for (let index = 0; index < prompt.length; index += 1) {
      ids[offset + index] = prompt[index]!
      mask[offset + index] = 1
      positions[offset + index] = index
    }
  }
  return {rows, length, ids, mask, positions}
}

/**
 * Splits prompts (by index) into groups that run together: longest first, as long as a group stays within
 * `tokenBudget` padded tokens and wastes no more than a quarter on padding. Compute-bound prompts run alone
 * (batching an encoder gains nothing on a CPU, padding costs in proportion: runtime notes, section 6).
 */
export function prefillGroups(lengths: readonly number[], tokenBudget: number, maxRows: number): number[][] {
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[b]! - lengths[a]! || a - b)
  const groups: number[][] = []
  let group: number[] = []
  let real = 0
  for (const index of order) {
    const longest = lengths[group[0] ?? index]!
    const padded = longest * (group.length + 1)
    const wastes = (real + lengths[index]!) / padded < 0.75
    if (group.length > 0 && (padded > tokenBudget || wastes || group.length >= maxRows)) {
      groups.push(group)
      group = []
      real = 0
    }
    group.push(index)
    real += lengths[index]!
  }
  if (group.length > 0) groups.push(group)
  return groups
}
