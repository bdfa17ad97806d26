import {SlmError} from '../errors.ts'
import {seededRandom} from '../stats/random.ts'
import type {Example} from './batch.ts'
import {shuffled} from './batch-order.ts'
import type {TaskExamples} from './examples.ts'

/** How tasks share an epoch; one of the two, by task name. */
export interface Mixing {
  /** How often a task's rows come in an epoch; 1 where nothing is said. */
  readonly repeat: Readonly<Record<string, number>>
  /** Parts of the tasks in an epoch, which then has as many rows as all tasks have together; 1 where nothing is said. */
  readonly mix?: Readonly<Record<string, number>> | undefined
}

/** Rows of each task in one epoch, in the tasks' order; at least one. */
export function rowsPerEpoch(tasks: readonly TaskExamples[], {repeat, mix}: Mixing): readonly number[] {
  if (mix !== undefined && Object.keys(repeat).length > 0)
    throw new SlmError('config-invalid', 'both repeat and mix are given', {
      hint: 'repeat says how often rows come, mix in which parts: leave one out.',
    })
  const sizes = tasks.map(({examples}) => examples.length)
  if (mix === undefined)
    return tasks.map(({task}, at) => Math.max(1, Math.round(sizes[at]! * (repeat[task] ?? 1))))
  const parts = tasks.map(({task}) => mix[task] ?? 1)
  const rows = sum(sizes) / sum(parts)
  return parts.map((part) => Math.max(1, Math.round(rows * part)))
}

/**
 * The examples of an epoch, all tasks one after the other. A task that gives only a part of its rows gives the next ones
 * in the next epoch, in an order of its own: over many epochs all of its rows come equally often.
 */
export function epochExamples(
  tasks: readonly TaskExamples[],
  rows: readonly number[],
  seed: number,
): (epoch: number) => readonly Example[] {
  const orders = tasks.map(({examples}, at) =>
    rows[at]! % examples.length === 0
      ? examples
      : shuffled([...examples], seededRandom((BigInt(seed) << 32n) + BigInt(2 ** 31 + at)).below),
  )
  return (epoch) =>
    orders.flatMap((order, at) =>
      Array.from({length: rows[at]!}, (_, row) => order[(epoch * rows[at]! + row) % order.length]!),
    )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
