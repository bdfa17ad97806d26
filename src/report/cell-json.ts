import type {Cell} from './cell.ts'

/** A cell as data: its number unrounded, or why it is missing. */
export function cellJson(cell: Cell): object {
  switch (cell.kind) {
    case 'estimate':
      return cell.estimate
    case 'number':
      return {value: cell.value}
    case 'missing':
      return {missing: cell.why, state: cell.short}
  }
}
