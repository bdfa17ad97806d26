import {cpus} from 'node:os'

/** Time of all processors together since boot, in milliseconds. */
interface ProcessorTimes {
  readonly busyMs: number
  readonly totalMs: number
}

/** The clock of these times ticks a hundred times a second: shorter spans say nothing. */
const SHORTEST_SPAN_MS = 200

/** Share of all processors, 0..1, or why it is not known. */
export type Load = number | {readonly missing: string}

/**
 * Begins to watch what other programs use. The function that it gives ends the watch; `measuredMs`: processor time that the
 * measured process used meanwhile.
 */
export function watchLoad(): (measuredMs: number) => Load {
  const [start, own] = [processorTimes(), process.cpuUsage()]
  return (measuredMs) => {
    const {user, system} = process.cpuUsage(own)
    return otherLoad(start, processorTimes(), (user + system) / 1000 + measuredMs)
  }
}

function processorTimes(): ProcessorTimes {
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
 * What other programs used between two times; `ownMs`: processor time of this program and of the one that it measures.
 */
export function otherLoad(before: ProcessorTimes, after: ProcessorTimes, ownMs: number): Load {
  const totalMs = after.totalMs - before.totalMs
  const processors = Math.max(1, cpus().length)
  if (totalMs / processors < SHORTEST_SPAN_MS)
    return {missing: 'the span is too short for the clock that counts processor time'}
  return Math.min(1, Math.max(0, (after.busyMs - before.busyMs - ownMs) / totalMs))
}
