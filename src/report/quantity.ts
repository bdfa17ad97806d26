/** Three digits that count, thousands apart: `0.0123`, `4.56`, `78.9`, `1,234`. */
export function quantity(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(3)))))
  const decimals = Math.max(0, Math.min(6, 2 - magnitude))
  return grouped(value.toFixed(decimals))
}

/** Thousands apart, whatever the language of the machine. */
export function grouped(digits: string): string {
  const [whole = '', part] = digits.split('.')
  const apart = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return part === undefined ? apart : `${apart}.${part}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
