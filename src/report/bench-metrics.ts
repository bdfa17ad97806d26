import type {MeasuredSample} from '../store/bench-record.ts'

/** What is read off a measured sample. */
export interface BenchMetric {
  readonly id: BenchMetricId
  /** A column's heading, with its unit. */
  readonly title: string
  /** In a sentence: `first-token latency`. */
  readonly noun: string
  readonly better: 'lower' | 'higher'
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

export const BENCH_METRICS: Readonly<Record<BenchMetricId, BenchMetric>> = {
  firstTokenMs: {
    id: 'firstTokenMs',
    title: 'first token (ms)',
    noun: 'first-token latency',
    better: 'lower',
    scale: 1,
    of: (sample) => sample.firstTokenMs,
  },
  timePerOutputTokenMs: {
    id: 'timePerOutputTokenMs',
    title: 'each further token (ms)',
    noun: 'time per output token',
    better: 'lower',
    scale: 1,
    of: (sample) => sample.timePerOutputTokenMs,
  },
  decodeTokensPerSecond: {
    id: 'decodeTokensPerSecond',
    title: 'tokens/s after the first',
    noun: 'tokens per second after the first',
    better: 'higher',
    scale: 1,
    of: (sample) => sample.decodeTokensPerSecond,
  },
  tokensPerSecond: {
    id: 'tokensPerSecond',
    title: 'tokens/s end to end',
    noun: 'tokens per second end to end',
    better: 'higher',
    scale: 1,
    of: (sample) => sample.tokensPerSecond,
  },
  endToEndMs: {
    id: 'endToEndMs',
    title: 'end to end (s)',
    noun: 'end-to-end time',
    better: 'lower',
    scale: 1000,
    of: (sample) => sample.endToEndMs,
  },
  loadedBytes: {
    id: 'loadedBytes',
    title: 'memory, loaded (MB)',
    noun: 'memory when loaded',
    better: 'lower',
    scale: 1e6,
    of: ({memory}) => ('missing' in memory ? memory : memory.loadedBytes),
  },
  peakBytes: {
    id: 'peakBytes',
    title: 'memory, peak (MB)',
    noun: 'peak memory',
    better: 'lower',
    scale: 1e6,
    of: ({memory}) => ('missing' in memory ? memory : memory.peakBytes),
  },
  loadPeakBytes: {
    id: 'loadPeakBytes',
    title: 'memory, peak of loading (MB)',
    noun: 'peak memory of loading',
    better: 'lower',
    scale: 1e6,
    of: ({memory}) => ('missing' in memory ? memory : memory.loadPeakBytes),
  },
  loadMs: {
    id: 'loadMs',
    title: 'load (s)',
    noun: 'load time',
    better: 'lower',
    scale: 1000,
    of: (sample) => sample.loadMs,
  },
  joules: {
    id: 'joules',
    title: 'energy (J)',
    noun: 'energy',
    better: 'lower',
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
