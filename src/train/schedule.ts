export interface Schedule {
  readonly steps: number
  /** Steps over which the rate rises from 0. */
  readonly warmUpSteps: number
  /** Part of all steps after which the rate falls linearly, to reach 0 behind the last. */
  readonly constantUntil: number
}

/** What the learning rates are multiplied by in a step, counted from 0. */
export function rateFactor(step: number, {steps, warmUpSteps, constantUntil}: Schedule): number {
  const rise = warmUpSteps > 0 ? Math.min(1, (step + 1) / warmUpSteps) : 1
  const progress = step / steps
  return rise * (progress < constantUntil ? 1 : (1 - progress) / (1 - constantUntil))
}
