/** Whether a path fits a pattern in which `*` stands for any characters. Linear in the path: no regular expression is built. */
export function fitsPattern(path: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (!path.startsWith(first)) return false
  if (rest.length === 0) return path === first
  const last = rest.pop()!
  let place = first.length
  for (const piece of rest) {
    const found = path.indexOf(piece, place)
    if (found < 0) return false
    place = found + piece.length
  }
  return path.endsWith(last) && path.length - last.length >= place
}
