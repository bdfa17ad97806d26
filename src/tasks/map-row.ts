import type {SourceRow} from '../data/source-row.ts'
import type {RowResult, Task} from './task.ts'

type Column = string | readonly string[]
/** A value that was found, or the reason why there is none. */
type Found<Value> = {readonly value: Value} | {readonly error: string}

/** The row as the task sees it: columns under the task's names, as text. What does not fit makes the row bad. */
export function mapRow(task: Pick<Task, 'columns' | 'noAnswer'>, source: SourceRow): RowResult {
  if (source.kind === 'bad') return {kind: 'bad', id: source.position, error: source.error}
  const bad = (error: string): RowResult => ({kind: 'bad', id: source.position, error})
  const {columns} = task
  const id = columns.id === undefined ? {value: String(source.number)} : textAt(source.values, columns.id)
  if ('error' in id) return bad(id.error)
  if (id.value === '') return bad('the id is empty')
  const fields: Record<string, string> = {}
  for (const [name, column] of Object.entries(columns.fields)) {
    const field = textAt(source.values, column)
    if ('error' in field) return bad(field.error)
    fields[name] = field.value
  }
  const references = textsAt(source.values, columns.references)
  if ('error' in references) return bad(references.error)
  if (references.value.length === 0 && task.noAnswer === undefined)
    return bad(`${shown(columns.references)} is empty: no reference to score against`)
  const kind = columns.kind === undefined ? undefined : valueAt(source.values, columns.kind)
  if (kind !== undefined && typeof kind !== 'string')
    return bad(`${shown(columns.kind!)} is ${kindOf(kind)}, not a text`)
  const row = {id: id.value, fields, references: references.value}
  return {kind: 'row', row: kind === undefined ? row : {...row, kind}}
}

/** The names at the top of the row that a task needs: all but the nested rest of each path. */
export function columnsOf(task: Pick<Task, 'columns'>): string[] {
  const {id, fields, references, kind} = task.columns
  const paths = [id ?? [], ...Object.values(fields), references, kind ?? []].flat()
  return [...new Set(paths.map((path) => path.split('.', 1)[0]!))]
}

function textAt(values: Readonly<Record<string, unknown>>, column: Column): Found<string> {
  const found = valueAt(values, column)
  if (found === undefined) return {error: missing(values, column)}
  const text = asText(found)
  return text === undefined ? {error: `${shown(column)} is ${kindOf(found)}, not a text`} : {value: text}
}

function textsAt(values: Readonly<Record<string, unknown>>, column: Column): Found<readonly string[]> {
  const found = valueAt(values, column)
  if (found === undefined) return {error: missing(values, column)}
  const listed: readonly unknown[] = Array.isArray(found) ? found : [found]
  const texts = listed.map(asText)
  const wrong = texts.indexOf(undefined)
  if (wrong >= 0) return {error: `${shown(column)} holds ${kindOf(listed[wrong])}, not a text`}
  return {value: texts.filter((text) => text !== undefined)}
}

/** The value at the first of the paths that the row has; a path goes on through each element of a list. */
function valueAt(values: unknown, column: Column): unknown {
  for (const path of typeof column === 'string' ? [column] : column) {
    const found = path.split('.').reduce<unknown>(step, values)
    if (found !== undefined && found !== null) return found
  }
  return undefined
}

function step(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => step(element, key))
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Readonly<Record<string, unknown>>)[key] // an object that has the key
}

/** Ids and labels are numbers in some files; anything but a text or a number is a mistake in the mapping. */
function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}

function missing(values: Readonly<Record<string, unknown>>, column: Column): string {
  const there = Object.keys(values).slice(0, 20)
  return `the column ${shown(column)} is missing (there: ${there.map((name) => name.slice(0, 40)).join(', ')})`
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`
}

function shown(column: Column): string {
  return typeof column === 'string' ? `"${column}"` : column.map((name) => `"${name}"`).join(' or ')
}
