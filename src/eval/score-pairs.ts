import {SlmError} from '../errors.ts'
import type {ScoreEntries, ScoreEntry} from './score-entries.ts'

/** What is right for one id. */
export interface ScoreReference {
  readonly id: string
  /** Empty for a question that has no answer. */
  readonly references: readonly string[]
  /** What kind of row it is, when the references come from the task's data and these say so. */
  readonly kind?: string
  /** Template fields of the row, when the references come from the task's data. */
  readonly fields?: Readonly<Record<string, string>>
}

export interface ScoreReferences {
  /** For messages: a file, or the task's data. */
  readonly source: string
  /** Whether ids are only the numbers of rows, counted from 0. */
  readonly isNumbered: boolean
  readonly rows: readonly ScoreReference[]
}

export interface ScorePair extends ScoreReference {
  /** Undefined when there is none for this id. */
  readonly prediction: string | undefined
}

/** How many ids a message lists. */
const LISTED = 3

/**
 * Each reference, in its order, with its prediction. Lines without ids belong to the references one by one; rows are
 * matched by id, and rows numbered from 1 are matched to data numbered from 0. A prediction for an unknown id is an error.
 */
export function scorePairs(references: ScoreReferences, predictions: ScoreEntries<string>): ScorePair[] {
  const {rows} = references
  if (predictions.kind === 'by-line') {
    if (predictions.entries.length !== rows.length)
      throw new SlmError(
        'score-lines',
        `lines of ${predictions.file}: ${predictions.entries.length}; rows of ${references.source}: ${rows.length}`,
        {hint: 'Line n must belong to row n; give rows with ids (JSON Lines) to score a part.'},
      )
    return rows.map((row, index) => ({...row, prediction: predictions.entries[index]!.value}))
  }
  const shift = countsFromOne(references, predictions.entries) ? 1 : 0
  const idOf = (row: ScoreReference): string => (shift === 0 ? row.id : String(Number(row.id) + shift))
  refuseUnknown(new Set(rows.map(idOf)), references.source, predictions.entries)
  const byId = new Map(predictions.entries.map(({id, value}) => [id, value]))
  return rows.map((row) => ({...row, prediction: byId.get(idOf(row))}))
}

/** Whether the ids are exactly 1..n while the data, which have no ids of their own, number theirs 0..n-1. */
function countsFromOne({rows, isNumbered}: ScoreReferences, entries: readonly ScoreEntry<string>[]): boolean {
  if (!isNumbered || entries.length !== rows.length) return false
  const ids = new Set(entries.map(({id}) => id))
  return rows.every((_, index) => ids.has(String(index + 1)))
}

function refuseUnknown(
  known: ReadonlySet<string>,
  source: string,
  entries: readonly ScoreEntry<string>[],
): void {
  const unknown = entries.filter(({id}) => !known.has(id))
  const [first] = unknown
  if (first === undefined) return
  const more = unknown.length > 1 ? ` (and ${unknown.length - 1} more like it)` : ''
  throw new SlmError(
    'score-unknown-id',
    `${first.place}: ${source} has no id ${JSON.stringify(first.id)}${more}`,
    {
      hint: `Ids there: ${[...known]
        .slice(0, LISTED)
        .map((id) => JSON.stringify(id))
        .join(', ')}, ...`,
    },
  )
}

/** Refuses references without a prediction, unless the caller has said what they count as. */
export function refuseMissing(pairs: readonly ScorePair[], predictionsFile: string): void {
  const missing = pairs.filter(({prediction}) => prediction === undefined)
  if (missing.length === 0) return
  const listed = missing.slice(0, LISTED).map(({id}) => JSON.stringify(id))
  const ids = `${listed.join(', ')}${missing.length > LISTED ? ', ...' : ''}`
  throw new SlmError(
    'score-missing-prediction',
    `${predictionsFile} has no prediction for ${missing.length} of ${pairs.length} references: ${ids}`,
    {hint: 'Add them, or say what they count as: --missing wrong, or --missing skip.'},
  )
}
