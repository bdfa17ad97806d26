import type {Estimate} from '../stats/estimate.ts'

/** One value of a table. There is no zero and no blank for what was not measured: `missing` says why. */
export type Cell =
  /** A number somebody else printed, or one that has no interval (a count of parameters). */
  | {readonly kind: 'number'; readonly value: number}
  /** A mean over samples with its 95% interval and count. */
  | {readonly kind: 'estimate'; readonly estimate: Estimate}
  | Missing

export interface Missing {
  readonly kind: 'missing'
  /** Two or three words for the cell itself: `not run`, `not judged`. */
  readonly short: string
  /** The whole reason, for the notes and the data formats. */
  readonly why: string
}

export function missing(short: string, why: string = short): Missing {
  return {kind: 'missing', short, why}
}

/** Two decimals, as the paper prints; the data formats keep the unrounded value. */
export function cellText(cell: Cell): string {
  switch (cell.kind) {
    case 'number':
      return cell.value.toFixed(2)
    case 'estimate':
      return cell.estimate.value.toFixed(2)
    case 'missing':
      return cell.short
  }
}

/** `[low, high]` of an estimate; undefined for what has no interval. */
export function intervalText(cell: Cell): string | undefined {
  if (cell.kind !== 'estimate') return undefined
  return `[${cell.estimate.low.toFixed(2)}, ${cell.estimate.high.toFixed(2)}]`
}
