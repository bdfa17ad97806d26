import {z} from 'zod'

/** What a training has cost so far, as far as it is the same on every machine. */
export const spentSchema = z.object({
  /** Rows of the data that were learned from, repetitions counted. */
  examples: z.int().nonnegative(),
  /** Tokens of their prompts and answers, padding left out. */
  tokens: z.int().nonnegative(),
  /** Floating-point operations of the matrix products of the steps, forward and backward; padding counts in attention alone. */
  flops: z.number().nonnegative(),
  /** Those of the teacher's forward passes. */
  teacherFlops: z.number().nonnegative(),
  /** Answers' tokens that the student drew for the teacher to judge, and the operations that it took. */
  drawnTokens: z.int().nonnegative(),
  drawingFlops: z.number().nonnegative(),
})
export type Spent = z.output<typeof spentSchema>

export const NOTHING_SPENT: Spent = {
  examples: 0,
  tokens: 0,
  flops: 0,
  teacherFlops: 0,
  drawnTokens: 0,
  drawingFlops: 0,
}

/** Adds part by part; parts that are not given add nothing. */
export function addSpent(before: Spent, more: Partial<Spent>): Spent {
  return {
    examples: before.examples + (more.examples ?? 0),
    tokens: before.tokens + (more.tokens ?? 0),
    flops: before.flops + (more.flops ?? 0),
    teacherFlops: before.teacherFlops + (more.teacherFlops ?? 0),
    drawnTokens: before.drawnTokens + (more.drawnTokens ?? 0),
    drawingFlops: before.drawingFlops + (more.drawingFlops ?? 0),
  }
}
