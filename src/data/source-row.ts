/**
 * What every reader yields: plain values with the place they came from, or why the row at that place could not be
 * read. A reader throws only for a file that is not its format at all; one broken row never ends a run.
 */
export type SourceRow = GoodSourceRow | BadSourceRow

export interface GoodSourceRow {
  readonly kind: 'row'
  /** File name and 1-based row or line, as an error message shows it: `test.jsonl:17`. */
  readonly position: string
  /** 0-based number of the row in the file; what an id falls back on where the data have none. */
  readonly number: number
  readonly values: Readonly<Record<string, unknown>>
}

export interface BadSourceRow {
  readonly kind: 'bad'
  readonly position: string
  readonly error: string
}

/** Whether a parsed value is an object of named values, which is what a row is. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
