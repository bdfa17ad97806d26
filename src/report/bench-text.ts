import type {Cell} from './cell.ts'
import type {GridCell} from './page.ts'
import {quantity} from './quantity.ts'

/** How a number is printed. */
export interface Quantity {
  /** It is divided by this. */
  readonly scale: number
}

/** Three digits that count, the interval under them; what is missing in its two words. */
export function cellText(cell: Cell, {scale}: Quantity = {scale: 1}): GridCell {
  switch (cell.kind) {
    case 'missing':
      return {text: cell.short}
    case 'number':
      return {text: quantity(cell.value / scale)}
    case 'estimate': {
      const {value, low, high} = cell.estimate
      return {text: quantity(value / scale), detail: `[${quantity(low / scale)}, ${quantity(high / scale)}]`}
    }
  }
}
