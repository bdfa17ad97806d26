/** Splits of the miniatures. Dev and test use names that training never sees, and in a fifth of their texts phrases that it never sees. */
export const MINIATURE_SPLITS = ['train', 'dev', 'test'] as const
export type MiniatureSplit = (typeof MINIATURE_SPLITS)[number]

/** Whether a text is made of phrases that training uses, or of those held out from it. */
export type Paraphrase = 'seen' | 'held-out'

/** A generated row as it is written: the task's columns, and what kind of row it is for analyses. */
export type MiniatureRow = Readonly<Record<string, string | number | readonly string[]>>

/** Rows of one generated text (a passage may have several questions), by split, seed and the text's number. */
export type Miniature = (split: MiniatureSplit, seed: number, number: number) => readonly MiniatureRow[]

/** The first `count` rows of a miniature. */
export function* miniatureRows(
  miniature: Miniature,
  split: MiniatureSplit,
  seed: number,
  count: number,
): Generator<MiniatureRow, void, void> {
  let written = 0
  for (let number = 0; written < count; number++)
    for (const row of miniature(split, seed, number).slice(0, count - written)) {
      yield row
      written += 1
    }
}
