import type {TaskDefinition} from './task-schema.ts'

/** A task as it was loaded: its checked YAML and where that lies. */
export interface Task extends Readonly<TaskDefinition> {
  /** Folder of the YAML: data files named in it are looked for there and nowhere else. */
  readonly folder: string
}

/** A row of the task's data after its columns were mapped: what the prompt template and the metrics see. */
export interface TaskRow {
  readonly id: string
  /** Template fields by name, e.g. `question`, `context`. */
  readonly fields: Readonly<Record<string, string>>
  /** Empty for a question that has no answer. */
  readonly references: readonly string[]
  /** What kind of row it is, where the task says which column tells; for metrics over one kind. */
  readonly kind?: string
}

/** A row that could not be read: it becomes a counted `failed` record. */
export interface BadRow {
  /** Where it stands, `file:row`: a row that cannot be read has no id of its own. */
  readonly id: string
  readonly error: string
}

export type RowResult = {readonly kind: 'row'; readonly row: TaskRow} | ({readonly kind: 'bad'} & BadRow)
