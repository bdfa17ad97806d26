import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {SlmError} from '../../../src/errors.ts'
import {readSafetensors} from '../../../src/onnx/pytorch/safetensors.ts'

const path = join(mkdtempSync(join(tmpdir(), 'slm-')), 'model.safetensors')

function save(header: unknown, data: Uint8Array = new Uint8Array(0)): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const file = Buffer.concat([length, json, data])
  writeFileSync(path, file)
  return file
}

const header = {
  __metadata__: {format: 'pt'},
  a: {dtype: 'F32', shape: [2], data_offsets: [0, 8]},
  b: {dtype: 'BF16', shape: [1, 2], data_offsets: [8, 12]},
}
const data = Buffer.concat([Buffer.from(Float32Array.of(1.5, -2).buffer), Buffer.of(0x80, 0x3f, 0, 0xc0)])

describe('a .safetensors file', () => {
  it('gives its tensors by name', () => {
    save(header, data)
    const weights = readSafetensors(path)
    expect([...weights.keys()]).toEqual(['a', 'b'])
    expect([...weights.get('a')!.read()]).toEqual([1.5, -2])
    expect(weights.get('b')!.dims).toEqual([1, 2])
    expect([...weights.get('b')!.read()]).toEqual([1, -2])
  })

  it.each([
    ['a header that is no JSON', '{', 'its header is not JSON'],
    ['an entry that is no tensor', {a: {dtype: 'F32'}}, 'the entry of a is not one of a tensor'],
    [
      'a tensor behind the end',
      {a: {dtype: 'F32', shape: [9], data_offsets: [0, 36]}},
      'ends 24 bytes behind',
    ],
    ['a shape of other size', {a: {dtype: 'F32', shape: [3], data_offsets: [0, 8]}}, 'its shape needs 12'],
    ['a negative offset', {a: {dtype: 'F32', shape: [2], data_offsets: [-8, 0]}}, 'not one of a tensor'],
  ])('is refused with %s', (_, wrong, message) => {
    save(wrong, data)
    expect(() => readSafetensors(path)).toThrow(message)
  })

  it('names a tensor of integers when it is read', () => {
    save({a: {dtype: 'I64', shape: [1], data_offsets: [0, 8]}}, data)
    expect(() => readSafetensors(path).get('a')!.read()).toThrow('a has elements of type I64')
  })

  it('ends in one SlmError wherever it is cut', () => {
    const whole = save(header, data)
    fc.assert(
      fc.property(fc.integer({min: 0, max: whole.length - 1}), (length) => {
        writeFileSync(path, whole.subarray(0, length))
        expect(() => readSafetensors(path)).toThrow(SlmError)
      }),
    )
  })
})
