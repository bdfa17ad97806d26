/** A row of the task's data after its columns were mapped: what the prompt template and the metrics see. */
export interface TaskRow {
  readonly id: string
  /** Template fields by name, e.g. `question`, `context`. */
  readonly fields: Readonly<Record<string, string>>
  /** Empty for a question that has no answer. */
  readonly references: readonly string[]
}

/** A row that could not be read: it becomes a counted `failed` record. */
export interface BadRow {
  readonly id: string
  readonly error: string
}

export type RowResult = {readonly kind: 'row'; readonly row: TaskRow} | ({readonly kind: 'bad'} & BadRow)
