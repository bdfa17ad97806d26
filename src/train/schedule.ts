export interface Schedule {
  readonly steps: number
  /** Steps over which the rate rises from 0. */
  readonly warmUpSteps: number
  /** Part of all steps after which the rate falls, to reach 0 behind the last; never before the warm-up is over. */
  readonly constantUntil: number
  readonly decay: 'linear' | 'cosine'
}

/**
 * What the learning rates are multiplied by in a step, counted from 0. The paper's is a cosine from the end of 4 warm-up
 * steps: `{warmUpSteps: 4, constantUntil: 0, decay: 'cosine'}`.
 */
export function rateFactor(step: number, {steps, warmUpSteps, constantUntil, decay}: Schedule): number {
  if (step + 1 < warmUpSteps) return (step + 1) / warmUpSteps
  const fallsFrom = Math.max(constantUntil * steps, warmUpSteps)
  if (step < fallsFrom) return 1
  const fallen = (step - fallsFrom) / (steps - fallsFrom)
  return decay === 'cosine' ? (1 + Math.cos(Math.PI * fallen)) / 2 : 1 - fallen
}
