import {cpus} from 'node:os'

/** Time of all processors together since boot, in milliseconds. */
export interface ProcessorTimes {
  readonly busyMs: number
  readonly totalMs: number
}

/** The clock of these times ticks a hundred times a second: shorter spans say nothing. */
export const SHORTEST_SPAN_MS = 200

export function processorTimes(): ProcessorTimes {
  let busyMs = 0
  let totalMs = 0
  for (const {times} of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq
    busyMs += busy
    totalMs += busy + times.idle
  }
  return {busyMs, totalMs}
}

/**
 * Share of all processors (0..1) that other programs used between two times; `ownMs`: processor time of this program and of
 * the one that it measures. Undefined for a span too short to tell.
 */
export function otherLoad(before: ProcessorTimes, after: ProcessorTimes, ownMs: number): number | undefined {
  const totalMs = after.totalMs - before.totalMs
  const processors = Math.max(1, cpus().length)
  if (totalMs / processors < SHORTEST_SPAN_MS) return undefined
  return Math.min(1, Math.max(0, (after.busyMs - before.busyMs - ownMs) / totalMs))
}
