import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {productOf, quotientOf, type Size} from '../../../src/train/gradient/size.ts'

describe('sizes that only a batch settles', () => {
  it('multiply to equal values in whatever order', () => {
    expect(productOf(['target_length', 2, 'rows', 3])).toBe('6*rows*target_length')
    expect(productOf(['rows', 'rows'])).toBe('rows*rows')
    expect(productOf([2, 3])).toBe(6)
    expect(productOf([])).toBe(1)
  })

  it('leave the other factor when a product is divided', () => {
    const size: fc.Arbitrary<Size> = fc.oneof(
      fc.integer({min: 1, max: 99}),
      fc.constantFrom('rows', 'length'),
    )
    fc.assert(
      fc.property(fc.array(size, {maxLength: 3}), fc.array(size, {maxLength: 3}), (left, right) => {
        expect(quotientOf(productOf([...left, ...right]), productOf(right))).toBe(productOf(left))
      }),
    )
  })

  it('are refused as quotients of what they do not divide', () => {
    expect(() => quotientOf('rows', 'length')).toThrow('rows is no multiple of length')
  })
})
