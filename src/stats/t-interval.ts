import type {Estimate} from './estimate.ts'

/** 97.5% points of Student's t for 1 to 30 degrees of freedom (any table of it, e.g. NIST/SEMATECH e-Handbook, 1.3.6.7.2). */
const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const
const T_NORMAL = 1.96

/**
 * The mean of a few independent values, such as trainings that differ in their seed, with its 95% interval by Student's t.
 * Undefined for fewer than two: one value says nothing of how values vary.
 */
export function tInterval(values: readonly number[]): Estimate | undefined {
  const count = values.length
  if (count < 2) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
  const half = (T_975[count - 2] ?? T_NORMAL) * Math.sqrt(variance / count)
  return {value: mean, low: mean - half, high: mean + half, count}
}
