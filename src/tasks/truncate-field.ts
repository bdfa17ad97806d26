import type {TruncationSide} from './task-schema.ts'

/**
 * The longest piece of a text that fits, cut on one side or in the middle, found by halving. Cuts fall between code
 * points, so that no character is torn; `fits('')` is taken for granted.
 */
export function longestPiece(
  text: string,
  side: Exclude<TruncationSide, 'error'>,
  fits: (piece: string) => boolean,
): string {
  let kept = 0
  let tooMany = text.length
  while (tooMany - kept > 1) {
    const middle = Math.floor((kept + tooMany) / 2)
    if (fits(pieceOf(text, side, middle))) kept = middle
    else tooMany = middle
  }
  return pieceOf(text, side, kept)
}

function pieceOf(text: string, side: Exclude<TruncationSide, 'error'>, units: number): string {
  if (side === 'right') return text.slice(0, boundary(text, units, -1))
  if (side === 'left') return text.slice(boundary(text, text.length - units, 1))
  const tail = Math.floor(units / 2)
  return text.slice(0, boundary(text, units - tail, -1)) + text.slice(boundary(text, text.length - tail, 1))
}

/** The place itself, or the one beside it when it would tear a surrogate pair. */
function boundary(text: string, place: number, direction: -1 | 1): number {
  const isTorn = /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(place - 1, place + 1))
  return isTorn ? place + direction : place
}
