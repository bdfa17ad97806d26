/** Size of an axis: a number, or one that only a batch settles, as a product of names such as `2*rows*target_length`. */
export type Size = number | string

/** Product of sizes; 1 for none. Names are sorted, so that equal products are equal values. */
export function productOf(sizes: readonly Size[]): Size {
  const parts = sizes.flatMap((size) => String(size).split('*'))
  const factor = parts.filter(isNumber).reduce((product, part) => product * Number(part), 1)
  const names = parts.filter((part) => !isNumber(part)).toSorted()
  if (names.length === 0) return factor
  return [...(factor === 1 ? [] : [factor]), ...names].join('*')
}

/** What is left of a product without some of its factors. */
export function quotientOf(product: Size, divisor: Size): Size {
  const rest = String(product).split('*')
  let taken = 1
  for (const part of String(divisor).split('*')) {
    if (isNumber(part)) taken *= Number(part)
    else if (rest.includes(part)) rest.splice(rest.indexOf(part), 1)
    else throw new Error(`${product} is no multiple of ${divisor}`)
  }
  const numbers = Number(productOf(rest.filter(isNumber)))
  return productOf([numbers / taken, ...rest.filter((part) => !isNumber(part))])
}

function isNumber(part: string): boolean {
  return !Number.isNaN(Number(part))
}
