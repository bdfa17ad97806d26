import fc from 'fast-check'
import {expect, it} from 'vitest'
import {canonicalJson, digestOf} from '../../src/config/canonical-json.ts'

it('sorts keys at every depth and leaves absent values out', () => {
  expect(canonicalJson({b: [{d: 1, c: undefined}], a: 'x'})).toBe('{"a":"x","b":[{"d":1}]}')
})

it('names a value by the sha256 of its canonical text', () => {
  // printf '{"a":1}' | sha256sum
  expect(digestOf({a: 1})).toBe('015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862')
})

it('gives equal bytes whatever order an object was built in', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse())
      expect(canonicalJson(reversed)).toBe(canonicalJson(value))
    }),
  )
})
