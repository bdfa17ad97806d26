import type {BenchPlan} from '../store/bench-manifest.ts'
import type {BenchSetting} from '../store/bench-record.ts'

/** What is measured of every model: one point of the sweep. */
export interface BenchCell {
  readonly setting: BenchSetting
  readonly batch: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Tokens at the head of each prompt that are computed before the clock starts; 0 but for `prefix-cache`. */
  readonly prefixTokens: number
}

/** The sweep: by input length, then batch, then setting, so that what is compared stands close together in time. */
export function benchCells(plan: BenchPlan): BenchCell[] {
  return plan.inputLengths.flatMap((inputTokens) =>
    plan.batchSizes.flatMap((batch) =>
      plan.settings.map((setting) => ({
        setting,
        batch,
        inputTokens,
        outputTokens: plan.outputLength,
        prefixTokens: setting === 'prefix-cache' ? Math.max(0, inputTokens - plan.freshTokens) : 0,
      })),
    ),
  )
}

/** Identifies a cell of one model among the records. */
export function cellKey(
  model: string,
  {setting, batch, inputTokens, outputTokens}: Omit<BenchCell, 'prefixTokens'>,
): string {
  return JSON.stringify([model, setting, batch, inputTokens, outputTokens])
}
