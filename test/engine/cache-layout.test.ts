import {Tensor} from 'onnxruntime-node'
import {describe, expect, it} from 'vitest'
import {
  cacheBlocks,
  cacheDims,
  cacheLayout,
  cacheLength,
  positionElements,
} from '../../src/engine/cache-layout.ts'
import {addRows, assembleRows, canMoveUp, emptyCache, keepRows} from '../../src/engine/cache-tensor.ts'

const NOBODY = {heads: undefined, headSize: undefined}

describe('cacheLayout', () => {
  it('reads (rows, heads, length, head size) from the names of the dimensions', () => {
    const layout = cacheLayout(['batch_size', 2, 'past_sequence_length', 16], undefined, NOBODY)!
    expect(layout).toEqual({axes: ['rows', 2, 'length', 16], rowFactor: 1})
    expect(cacheBlocks(layout)).toEqual({outer: 2, inner: 16})
    expect(cacheDims(layout, 3, 5)).toEqual([3, 2, 5, 16])
    expect(positionElements(layout)).toBe(32)
  })

  it('takes the length as the third of four dimensions where no name tells', () => {
    expect(cacheLayout(['', 4, '', 8], undefined, NOBODY)?.axes).toEqual(['rows', 4, 'length', 8])
    expect(cacheLayout([-1, 4, -1, 8], undefined, NOBODY)?.axes).toEqual(['rows', 4, 'length', 8])
  })

  it('reads a size that is written as text', () => {
    expect(cacheLayout(['batch', '4', 'past', '8'], undefined, NOBODY)?.axes).toEqual([
      'rows',
      4,
      'length',
      8,
    ])
  })

  it('takes sizes that are only named from the output, then from the configuration', () => {
    const shape = ['batch_size', 'num_heads', 'past_sequence_length', 'kv_cache_dim']
    const sizes = {heads: 6, headSize: 32}
    expect(cacheLayout(shape, ['b', 2, 'total', 16], sizes)?.axes).toEqual(['rows', 2, 'length', 16])
    expect(cacheLayout(shape, undefined, sizes)?.axes).toEqual(['rows', 6, 'length', 32])
    expect(cacheLayout(shape, undefined, NOBODY)).toBeUndefined()
  })

  it('finds the length in front of the heads', () => {
    const layout = cacheLayout(['batch_size', 'past_sequence_length', 4, 8], undefined, NOBODY)!
    expect(layout.axes).toEqual(['rows', 'length', 4, 8])
    expect(cacheBlocks(layout)).toEqual({outer: 1, inner: 32})
  })

  it('reads rows that are joined with heads, keys with the length last', () => {
    const sizes = {heads: 4, headSize: 12}
    const keys = cacheLayout(['batch_size x num_heads', 12, 'past_sequence_length'], undefined, sizes)!
    expect(keys).toEqual({axes: ['rows', 12, 'length'], rowFactor: 4})
    expect(cacheBlocks(keys)).toEqual({outer: 48, inner: 1})
    expect(cacheDims(keys, 2, 7)).toEqual([8, 12, 7])
    expect(cacheLength(keys, [8, 12, 7])).toBe(7)
    const values = cacheLayout(['batch_size x num_heads', 'past_sequence_length', 12], undefined, sizes)!
    expect(cacheBlocks(values)).toEqual({outer: 4, inner: 12})
    expect(cacheLayout(['batch_size x num_heads', 12, 'past'], undefined, NOBODY)).toBeUndefined()
  })

  it('reads keys and values in one tensor without heads', () => {
    const layout = cacheLayout(['batch_size', 'past_sequence_length', 24], undefined, NOBODY)!
    expect(layout).toEqual({axes: ['rows', 'length', 24], rowFactor: 1})
  })

  it('does not guess between two open dimensions of three', () => {
    expect(cacheLayout(['a', 'b', 'c'], undefined, {heads: 2, headSize: 4})).toBeUndefined()
  })
})

describe('assembleRows', () => {
  it('moves a row within joined heads and a length that comes last', () => {
    const entry = {type: 'float32', layout: {axes: ['rows', 2, 'length'], rowFactor: 2}} as const
    // Two rows of two heads: row 0 holds 0..11, row 1 holds 12..23; three positions, innermost.
    const source = new Tensor(
      'float32',
      Float32Array.from({length: 24}, (_, index) => index),
      [4, 2, 3],
    )
    const moved = assembleRows(entry, 2, [{source, row: 1, from: 1, count: 2, to: 0}])
    expect(moved.dims).toEqual([2, 2, 2])
    expect([...(moved.data as Float32Array)]).toEqual([13, 14, 16, 17, 19, 20, 22, 23])
  })

  it('fills positions that no row covers with zero', () => {
    const entry = {type: 'float16', layout: {axes: ['rows', 1, 'length', 2], rowFactor: 1}} as const
    const source = new Tensor('float16', Uint16Array.of(1, 2, 3, 4), [1, 1, 2, 2])
    const padded = assembleRows(entry, 3, [{source, row: 0, from: 0, count: 2, to: 1}])
    expect([...new Uint16Array((padded.data as Uint16Array).buffer)]).toEqual([0, 0, 1, 2, 3, 4])
  })

  it('begins with nothing', () => {
    const entry = {type: 'float32', layout: {axes: ['rows', 3, 'length', 4], rowFactor: 1}} as const
    expect(emptyCache(entry, 5).dims).toEqual([5, 3, 0, 4])
  })
})

describe('a tensor of rows that come and go', () => {
  const entry = {type: 'float32', layout: {axes: ['rows', 2, 'length', 1], rowFactor: 1}} as const
  /** (rows, 2, length, 1), every element the row's number. */
  const filled = (numbers: readonly number[], length = 3): Tensor =>
    new Tensor(
      'float32',
      Float32Array.from(numbers.flatMap((number) => new Array<number>(2 * length).fill(number))),
      [numbers.length, 2, length, 1],
    )
  const held = (tensor: Tensor): number[] => [...(tensor.data as Float32Array)] // float32, as made above

  it('takes rows behind its own and has zeros where they are shorter, in its own memory where it was given room', () => {
    const theirs = filled([7, 8], 2)
    const more = (rows: readonly number[]) =>
      rows.map((row) => ({source: theirs, row, from: 0, count: 2, to: 0}))
    const first = addRows(entry, filled([1, 2, 3]), more([0]), 6)
    expect(first.dims).toEqual([4, 2, 3, 1])
    expect(held(first)).toEqual([...held(filled([1, 2, 3])), 7, 7, 0, 7, 7, 0])
    const thinned = keepRows(entry, first, Int32Array.of(0, 3))
    expect(held(thinned).slice(6)).toEqual([7, 7, 0, 7, 7, 0])
    const second = addRows(entry, thinned, more([1, 0]))
    expect((second.data as Float32Array).buffer).toBe((first.data as Float32Array).buffer)
    // A row of threes lay there.
    expect(held(second).slice(12)).toEqual([8, 8, 0, 8, 8, 0, 7, 7, 0, 7, 7, 0])
    const third = addRows(entry, second, more([0, 0, 0]))
    expect(third.dims).toEqual([7, 2, 3, 1])
    expect(held(third).slice(0, 24)).toEqual(held(second))
  })

  it('moves rows up only where none is written over first', () => {
    const asked = [
      [0, 3, 2],
      [1, 1, 2],
      [1, 0],
      [0, 0],
    ]
    expect(asked.map((rows) => canMoveUp(Int32Array.from(rows)))).toEqual([true, true, false, false])
  })
})
