import type {GenerationTiming} from './messages.ts'

/** What follows from the start and the times at which the tokens of all rows were chosen. Needs at least one mark. */
export function timingOf(
  startMs: number,
  marks: readonly number[],
): Pick<GenerationTiming, 'firstTokenMs' | 'tokenMs' | 'endToEndMs'> {
  return {
    firstTokenMs: marks[0]! - startMs,
    tokenMs: marks.slice(1).map((mark, index) => mark - marks[index]!),
    endToEndMs: marks.at(-1)! - startMs,
  }
}
