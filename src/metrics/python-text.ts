/**
 * What Python 3 counts as white space in `str.split` and `str.strip`. JavaScript's `\s` lacks U+001C..U+001F and U+0085 and
 * adds U+FEFF.
 */
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const WORD = new RegExp(`[^${SPACE}]+`, 'g')
const LEADING = new RegExp(`^[${SPACE}]+`)
/** The look-behind keeps a long run of spaces inside the text from being tried at each of its places. */
const TRAILING = new RegExp(`(?<![${SPACE}])[${SPACE}]+$`)

/** Python's `text.split()`. */
export function pythonSplit(text: string): string[] {
  return text.match(WORD) ?? []
}

/** Python's `text.strip()`. */
export function pythonStrip(text: string): string {
  return text.replace(LEADING, '').replace(TRAILING, '')
}
