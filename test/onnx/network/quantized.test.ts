import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {quantizeBlocks, quantizeRows, toHalf, transpose} from '../../../src/onnx/network/quantized.ts'
import {halfToNumber} from '../../../src/onnx/read/half.ts'

const float = fc.float({noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e6), max: Math.fround(1e6)})

describe('half precision', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.996, 0x7bff],
    [65520, 0x7c00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -14, 0x0400],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [Number.NaN, 0x7e00],
  ])('rounds %d to the nearest, ties to even', (value, bits) => {
    expect(toHalf(Float32Array.of(value))[0]).toBe(bits)
  })

  it('gives back every half that it reads', () => {
    const halves = Uint16Array.from({length: 0x7c00}, (_, half) => half)
    expect(toHalf(Float32Array.from(halves, halfToNumber))).toEqual(halves)
  })
})

describe('rounding to codes', () => {
  it('packs two 4-bit codes to a byte, low half first, zero at 8', () => {
    const {codes, scales} = quantizeBlocks(Float32Array.of(-8, 7, 0, 1), 1, 4, 4, 16)
    expect([...codes.subarray(0, 3)]).toEqual([0xf0, 0x98, 0x88])
    expect([...scales]).toEqual([1])
  })

  it('is off by half a step at most, but for the code that one side lacks', () => {
    fc.assert(
      fc.property(
        fc.float32Array({minLength: 40, maxLength: 40, noNaN: true, min: -100, max: 100}),
        (values) => {
          const {codes, scales} = quantizeBlocks(values, 1, 40, 8, 32)
          for (const [index, value] of values.entries()) {
            const scale = scales[Math.floor(index / 32)]!
            const stored = (codes[index]! - 128) * scale
            expect(Math.abs(stored - value)).toBeLessThanOrEqual(Math.abs(scale) * 1.001)
          }
        },
      ),
    )
  })

  it('keeps the value of largest magnitude of each block', () => {
    fc.assert(
      fc.property(
        float.filter((value) => Math.abs(value) > 1e-6),
        (value) => {
          const {codes, scales} = quantizeBlocks(Float32Array.of(value, value / 3), 1, 2, 4, 16)
          expect(((codes[0]! & 15) - 8) * scales[0]!).toBeCloseTo(
            value,
            3 - Math.ceil(Math.log10(Math.abs(value) + 1)),
          )
        },
      ),
    )
  })

  it('gives each row a scale of its own for int8, with codes up to 64, and an empty row scale 1', () => {
    const {codes, scales} = quantizeRows(Float32Array.of(64, -32, 0, 0), 2, 2)
    expect([...codes]).toEqual([64, -32, 0, 0])
    expect([...scales]).toEqual([1, 1])
  })
})

describe('transposing', () => {
  it('twice gives back what was there', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 90}), fc.integer({min: 1, max: 90}), (rows, columns) => {
        const values = Float32Array.from({length: rows * columns}, (_, index) => index)
        const turned = transpose(values, rows, columns)
        expect(turned[rows]).toBe(columns > 1 ? 1 : turned[rows])
        expect(transpose(turned, columns, rows)).toEqual(values)
      }),
    )
  })
})
