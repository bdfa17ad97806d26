import type {MeasuredSample} from '../store/bench-record.ts'

/** What is read off a measured sample. */
export interface BenchMetric {
  readonly id: BenchMetricId
  /** A column's heading, with its unit. */
  readonly title: string
  /** What a printed value is divided by. */
  readonly scale: number
  readonly of: (sample: MeasuredSample) => Measured
}

type Measured = number | {readonly missing: string}

export const BENCH_METRIC_IDS = [
  'firstTokenMs',
  'timePerOutputTokenMs',
  'decodeTokensPerSecond',
  'tokensPerSecond',
  'endToEndMs',
  'loadedBytes',
  'peakBytes',
  'loadPeakBytes',
  'loadMs',
  'joules',
] as const
export type BenchMetricId = (typeof BENCH_METRIC_IDS)[number]

function memory(key: 'loadedBytes' | 'peakBytes' | 'loadPeakBytes'): BenchMetric['of'] {
  return (sample) => ('missing' in sample.memory ? sample.memory : sample.memory[key])
}

export const BENCH_METRICS: Readonly<Record<BenchMetricId, BenchMetric>> = {
  firstTokenMs: {
    id: 'firstTokenMs',
    title: 'first (ms)',
    scale: 1,
    of: (sample) => sample.firstTokenMs,
  },
  timePerOutputTokenMs: {
    id: 'timePerOutputTokenMs',
    title: 'next (ms)',
    scale: 1,
    of: (sample) => sample.timePerOutputTokenMs,
  },
  decodeTokensPerSecond: {
    id: 'decodeTokensPerSecond',
    title: 'decode tok/s',
    scale: 1,
    of: (sample) => sample.decodeTokensPerSecond,
  },
  tokensPerSecond: {
    id: 'tokensPerSecond',
    title: 'all tok/s',
    scale: 1,
    of: (sample) => sample.tokensPerSecond,
  },
  endToEndMs: {
    id: 'endToEndMs',
    title: 'whole (s)',
    scale: 1000,
    of: (sample) => sample.endToEndMs,
  },
  loadedBytes: {
    id: 'loadedBytes',
    title: 'loaded (MB)',
    scale: 1e6,
    of: memory('loadedBytes'),
  },
  peakBytes: {
    id: 'peakBytes',
    title: 'peak (MB)',
    scale: 1e6,
    of: memory('peakBytes'),
  },
  loadPeakBytes: {
    id: 'loadPeakBytes',
    title: 'loading (MB)',
    scale: 1e6,
    of: memory('loadPeakBytes'),
  },
  loadMs: {
    id: 'loadMs',
    title: 'load (s)',
    scale: 1000,
    of: (sample) => sample.loadMs,
  },
  joules: {
    id: 'joules',
    title: 'energy (J)',
    scale: 1,
    of: ({energy}) => ('missing' in energy ? energy : energy.joules),
  },
}

/** Repeat to value: what pairs samples of two models that were measured one right after the other. */
export type ByRepeat = ReadonlyMap<string, number>

export interface MetricValues {
  readonly byRepeat: ByRepeat
  /** Why samples have no value; the first reason met. */
  readonly whyMissing: string | undefined
}

/** A metric over the samples of a cell. A process that measured twice counts once, with its mean. */
export function valuesByRepeat(metric: BenchMetric, samples: readonly MeasuredSample[]): MetricValues {
  const lists = new Map<string, number[]>()
  let whyMissing: string | undefined
  for (const sample of samples) {
    const value = metric.of(sample)
    if (typeof value !== 'number') {
      whyMissing ??= value.missing
      continue
    }
    const key = `${sample.start}:${sample.repeat}`
    lists.set(key, [...(lists.get(key) ?? []), value])
  }
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  return {byRepeat: new Map([...lists].map(([key, values]) => [key, mean(values)])), whyMissing}
}
