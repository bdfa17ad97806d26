import fc from 'fast-check'
import {Tensor} from 'onnxruntime-node'
import {describe, expect, it} from 'vitest'
import {capacityFor, DeltaBuffers} from '../../src/engine/delta-buffers.ts'
import type {CacheEntry} from '../../src/engine/graph-signature.ts'

const HEADS = 2
const SIZE = 3
const ENTRIES: readonly CacheEntry[] = ['key', 'value'].map((part) => ({
  past: `past_key_values.0.${part}`,
  present: `present.0.${part}`,
  scope: 'self',
  type: 'float32',
  layout: {axes: ['rows', HEADS, 'length', SIZE], rowFactor: 1},
}))

/** What a row must hold: one number a position, from which every head's and entry's elements follow. */
type Model = number[][]

function element(entry: number, head: number, position: number, place: number): number {
  return position * 100 + entry * 50 + head * 10 + place
}

/** (rows, heads, 1, size) of the given positions. */
function newest(positions: readonly number[]): Tensor[] {
  return ENTRIES.map(
    (_, entry) =>
      new Tensor(
        'float32',
        Float32Array.from(
          positions.flatMap((position) =>
            Array.from({length: HEADS * SIZE}, (_, at) =>
              element(entry, Math.floor(at / SIZE), position, at % SIZE),
            ),
          ),
        ),
        [positions.length, HEADS, 1, SIZE],
      ),
  )
}

function expectHolds(buffers: DeltaBuffers, model: Model): void {
  buffers.tensors().forEach((tensor, entry) => {
    expect(tensor.dims).toEqual([model.length, HEADS, buffers.capacity, SIZE])
    const wanted = model.flatMap((row) =>
      Array.from({length: HEADS}, (_, head) =>
        Array.from({length: buffers.capacity}, (_, slot) =>
          Array.from({length: SIZE}, (_, place) =>
            slot < row.length ? element(entry, head, row[slot]!, place) : 0,
          ),
        ),
      ),
    )
    expect(tensor.data).toEqual(Float32Array.from(wanted.flat(3)))
  })
}

const slotsOf = (model: Model): Int32Array => Int32Array.from(model, (row) => row.length)

/** What can happen to a batch; numbers are taken modulo what there is. */
const operations = fc.array(
  fc.oneof(
    fc.constant({kind: 'append'} as const),
    fc.record({
      kind: fc.constant('select' as const),
      rows: fc.array(fc.nat(9), {minLength: 1, maxLength: 5}),
    }),
    fc.record({kind: fc.constant('drop' as const), kept: fc.array(fc.nat(9), {minLength: 1, maxLength: 3})}),
    fc.record({kind: fc.constant('join' as const), length: fc.nat(6)}),
    fc.record({kind: fc.constant('resize' as const), spare: fc.nat(5)}),
  ),
  {minLength: 1, maxLength: 25},
)

describe('buffers of keys and values', () => {
  it('hold each row’s positions from its first slot on and zeros behind, whatever happens to the batch', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        let model: Model = [[], []]
        let made = 1
        const buffers = new DeltaBuffers(ENTRIES, 2, 4)
        for (const step of steps) {
          if (step.kind === 'append') {
            const longest = Math.max(...slotsOf(model))
            if (longest === buffers.capacity) buffers.resize(model.length, longest + 2, slotsOf(model))
            const positions = model.map(() => made++)
            buffers.append(newest(positions), slotsOf(model))
            model = model.map((row, index) => [...row, positions[index]!])
          } else if (step.kind === 'resize') {
            buffers.resize(model.length, Math.max(...slotsOf(model)) + step.spare, slotsOf(model))
          } else if (step.kind === 'join') {
            const joined = Array.from({length: step.length}, () => made++)
            const capacity = Math.max(buffers.capacity, joined.length)
            buffers.resize(model.length + 1, capacity, slotsOf(model))
            joined.forEach((position, slot) => {
              const copies = newest([position]).map((source) => ({
                source,
                row: 0,
                from: 0,
                count: 1,
                to: slot,
              }))
              buffers.fill(model.length, copies)
            })
            model = [...model, joined]
          } else {
            const asked = (step.kind === 'select' ? step.rows : step.kept).map((row) => row % model.length)
            const order = step.kind === 'select' ? asked : [...new Set(asked)].sort((a, b) => a - b)
            buffers.select(Int32Array.from(order))
            model = order.map((row) => [...model[row]!])
          }
          expectHolds(buffers, model)
        }
      }),
      {numRuns: 60},
    )
  })

  it('grow in chunks of 32 slots and are never without one', () => {
    expect([0, 1, 32, 33, 512, 513].map(capacityFor)).toEqual([32, 32, 32, 64, 512, 544])
  })
})
