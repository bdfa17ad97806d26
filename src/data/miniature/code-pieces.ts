/** Strings and characters stay whole; a piece ends with `;`, `{` or `}`. */
const PIECE = /(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^;{}])+[;{}]?|[;{}]/gu

/** The statements of code of the C family, each to its `;` or brace; what is brackets and signs alone is left out. */
export function codePieces(code: string): string[] {
  return (code.match(PIECE) ?? []).map((piece) => piece.trim()).filter((piece) => /[\p{L}\p{N}]/u.test(piece))
}
