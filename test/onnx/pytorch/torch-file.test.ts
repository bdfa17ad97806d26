import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {SlmError} from '../../../src/errors.ts'
import {readMuFile} from '../../../src/onnx/pytorch/mu-file.ts'
import {readTorchFile} from '../../../src/onnx/pytorch/torch-file.ts'
import {writeStoredZip} from './stored-zip.ts'

const path = join(mkdtempSync(join(tmpdir(), 'slm-')), 'model.pt')
const genuine = readFileSync(fileURLToPath(new URL('../../fixtures/mu/model.pt', import.meta.url)))

/** A pickle of protocol 2 from pieces: texts are instructions as they stand, numbers bytes. */
function pickle(...pieces: readonly (string | number)[]): Buffer {
  const bytes = pieces.map((piece) =>
    typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.of(piece),
  )
  return Buffer.concat([Buffer.of(0x80, 2), ...bytes])
}
const text = (value: string): string => `X${String.fromCharCode(value.length, 0, 0, 0)}${value}`

function save(data: Buffer, storages: Readonly<Record<string, Uint8Array>> = {}): void {
  const files = Object.entries(storages).map(([name, content]) => [`model/data/${name}`, content] as const)
  writeStoredZip(path, {'model/data.pkl': data, ...Object.fromEntries(files)})
}

/** {'w': a tensor of two by two float32 elements, on storage 0, with the given offset and strides}. */
function tensorPickle(
  type: string,
  offset: number,
  strides: readonly [number, number],
  elements = 6,
): Buffer {
  return pickle(
    `}${text('w')}ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\n${type}\n${text('0')}${text('cpu')}K`,
    elements,
    'tQK',
    offset,
    'K',
    2,
    'K',
    2,
    0x86,
    'K',
    strides[0],
    'K',
    strides[1],
    0x86,
    0x89,
    'ccollections\nOrderedDict\n)RtRs.',
  )
}
const floats = (...values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)
const weight = (): number[] => [...readMuFile(path).weights.get('w')!.read()]

describe('a .pt file', () => {
  it('gives a tensor by its offset and strides: here column-major from the second element', () => {
    save(tensorPickle('FloatStorage', 1, [1, 2]), {0: floats(0, 1, 2, 3, 4, 5)})
    expect(weight()).toEqual([1, 3, 2, 4])
  })

  it('widens bfloat16 and half elements exactly', () => {
    save(tensorPickle('BFloat16Storage', 0, [2, 1], 4), {
      0: Uint8Array.of(0x80, 0x3f, 0, 0xc0, 0x49, 0x40, 0, 0),
    })
    expect(weight()).toEqual([1, -2, 3.140625, 0])
    save(tensorPickle('HalfStorage', 0, [2, 1], 4), {0: Uint8Array.of(0, 0x3c, 0, 0xc0, 0xff, 0x7b, 1, 0)})
    expect(weight()).toEqual([1, -2, 65504, 2 ** -24])
  })

  it('takes the prefixes off that wrappers put before names', () => {
    const bytes = tensorPickle('FloatStorage', 0, [2, 1], 4).toString('latin1')
    const name = 'module._orig_mod.w'
    save(Buffer.from(bytes.replace(text('w'), text(name)), 'latin1'), {0: floats(1, 2, 3, 4)})
    expect(weight()).toEqual([1, 2, 3, 4])
  })

  it.each([
    ['os.system', pickle(`cos\nsystem\n(${text('touch /tmp/owned')}tR.`)],
    ['builtins.eval', pickle(`cbuiltins\neval\n(${text('1')}tR.`)],
    ['builtins.exec', pickle(0x8c, 8, 'builtins', 0x8c, 4, 'exec', 0x93, `(${text('1')}tR.`)],
    ['torch.load', pickle(`ctorch\nload\n(${text('x')}tR.`)],
  ])('is refused by name when it asks for %s', (name, data) => {
    save(data)
    expect(() => readTorchFile(path)).toThrow(`asks for ${name}`)
  })

  it.each([
    ['an object made without a call', pickle(`cos\nsystem\n)`, 0x81, '.'), 'instruction 0x81'],
    ['an old-style instance', pickle(`(ios\nsystem\n.`), 'instruction 0x69'],
    ['a missing storage', tensorPickle('FloatStorage', 0, [2, 1], 4), 'the storage 0 is missing'],
    ['a value that was never kept', pickle('h', 7, '.'), 'never kept'],
    ['an empty stack', pickle('.'), 'takes a value where there is none'],
    ['a mark that was never set', pickle('t.'), 'closes what it never opened'],
    ['keys of a number', pickle('K', 1, 'K', 1, 'K', 1, 's.'), 'no dictionary'],
    ['no end', pickle('}'), 'is cut'],
    ['a state for a tuple', pickle(')}b.'), 'gives a state'],
  ])('is refused when its pickle holds %s', (_, data, message) => {
    save(data)
    expect(() => readTorchFile(path)).toThrow(message)
  })

  it('is refused when a tensor reaches outside its storage', () => {
    save(tensorPickle('FloatStorage', 3, [1, 2]), {0: floats(0, 1, 2, 3, 4, 5)})
    expect(() => readTorchFile(path)).toThrow('reaches outside')
    save(tensorPickle('FloatStorage', 0, [2, 1], 200), {0: floats(0, 1, 2, 3)})
    expect(() => readTorchFile(path)).toThrow('has 16 bytes for 200 elements')
  })

  it('ends in one SlmError wherever it is cut', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: genuine.length - 1}), (length) => {
        writeFileSync(path, genuine.subarray(0, length))
        expect(() => readMuFile(path)).toThrow(SlmError)
      }),
      {numRuns: 50},
    )
  })

  it('ends in one SlmError, or in the weights, whatever byte is damaged', () => {
    fc.assert(
      fc.property(fc.nat(genuine.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(genuine)
        damaged[at] = byte
        writeFileSync(path, damaged)
        try {
          for (const tensor of readMuFile(path).weights.values()) tensor.read()
        } catch (error) {
          expect(error).toBeInstanceOf(SlmError)
        }
      }),
      {numRuns: 50},
    )
  })

  it('is told from one of PyTorch before 1.6, and from any other file', () => {
    writeFileSync(path, pickle('}.'))
    expect(() => readTorchFile(path)).toThrow('no end record')
    writeStoredZip(path, {'a.txt': Buffer.from('a')})
    expect(() => readTorchFile(path)).toThrow('holds no data.pkl')
    save(pickle('K', 1, '.'))
    expect(() => readMuFile(path)).toThrow('holds no state dict')
  })
})
