import type {TruncationSide} from './task-schema.ts'

type CutSide = Exclude<TruncationSide, 'error'>

/** Token counts that are known before the search. */
export interface TokenBounds {
  readonly limit: number
  /** With the whole text, more than the limit. */
  readonly whole: number
  /** Without the text, at most the limit. */
  readonly without: number
}

/**
 * A piece of a text, cut on one side or in the middle, with which a prompt has the most tokens that fit. Tokens grow
 * almost evenly with the text, so the next length is guessed from the two that enclose it, and every third time it
 * is halfway. Cuts fall between code points, so that no character is torn.
 */
export function longestPiece(
  text: string,
  side: CutSide,
  bounds: TokenBounds,
  tokensWith: (piece: string) => number,
): string {
  const {limit} = bounds
  let [kept, keptTokens] = [0, bounds.without]
  let [tooMany, tooManyTokens] = [text.length, bounds.whole]
  for (let probe = 1; tooMany - kept > 1 && keptTokens < limit; probe++) {
    const share = probe % 3 === 0 ? 0.5 : (limit + 0.5 - keptTokens) / (tooManyTokens - keptTokens)
    const guess = Math.floor(kept + (tooMany - kept) * share)
    const units = Math.min(tooMany - 1, Math.max(kept + 1, guess))
    const tokens = tokensWith(pieceOf(text, side, units))
    if (tokens <= limit) [kept, keptTokens] = [units, tokens]
    else [tooMany, tooManyTokens] = [units, tokens]
  }
  return pieceOf(text, side, kept)
}

function pieceOf(text: string, side: CutSide, units: number): string {
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
