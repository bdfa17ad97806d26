import type {DecoderState} from '../engine/language-model.ts'
import type {DecodeRequest} from '../inference/protocol.ts'
import {beamSearch} from './beam-search.ts'
import type {Advance, RowPlan, Search} from './search.ts'
import {singleSearch} from './single-search.ts'

/** A request that can be decoded. */
export interface PlannedRow {
  readonly request: DecodeRequest
  readonly plan: RowPlan
}

/** A request that is being decoded. */
export interface ActiveRow extends PlannedRow {
  readonly search: Search
  /** When its prefill began, on the run's clock. */
  readonly startMs: number
  firstTokenMs: number | undefined
}

/** Rows that share a state. Between two calls the state's logits are those that the next tokens are chosen from. */
export interface Batch {
  readonly state: DecoderState
  rows: ActiveRow[]
  /** Decode steps since the prefill; the most of those that joined. 0: no token was chosen yet. */
  steps: number
  /** A row that is tried alone, because a batch failed that held it. */
  readonly isAlone: boolean
}

export interface EndedRow {
  readonly row: ActiveRow
  readonly result: Exclude<Advance, {kind: 'continue'}>
}

export function newBatch(
  state: DecoderState,
  rows: readonly PlannedRow[],
  startMs: number,
  isAlone: boolean,
): Batch {
  return {
    state,
    rows: rows.map((row) => ({
      ...row,
      search: row.plan.settings.num_beams > 1 ? beamSearch(row.plan) : singleSearch(row.plan),
      startMs,
      firstTokenMs: undefined,
    })),
    steps: 0,
    isAlone,
  }
}

export interface Choice {
  readonly ended: readonly EndedRow[]
  /** For each new row of the state the old one that it goes on from; undefined where nothing moves. */
  readonly parents: Int32Array | undefined
  /** For each new row its next token. */
  readonly tokens: Int32Array
}

/** A row that goes on, and where from and with what. */
interface GoingRow {
  readonly row: ActiveRow
  readonly parents: readonly number[]
  readonly tokens: readonly number[]
}

/** Chooses the next tokens of all rows; those that ended leave the batch at once. Computes nothing with the model. */
export function chooseTokens(batch: Batch, nowMs: () => number): Choice {
  const ended: EndedRow[] = []
  const going: GoingRow[] = []
  let firstRow = 0
  for (const row of batch.rows) {
    const from = firstRow
    firstRow += row.search.width()
    const result = row.search.advance(batch.state.logits, from)
    row.firstTokenMs ??= nowMs() - row.startMs
    if (result.kind === 'continue')
      going.push({row, parents: result.parents.map((parent) => from + parent), tokens: result.tokens})
    else ended.push({row, result})
  }
  const isSingle =
    ended.length > 0 && firstRow === batch.rows.length && going.every(({parents}) => parents.length === 1)
  const order = isSingle ? inFreePlaces(going) : going
  batch.rows = order.map(({row}) => row)
  const parents = order.flatMap((each) => each.parents)
  const tokens = Int32Array.from(order.flatMap((each) => each.tokens))
  const isInPlace = parents.length === firstRow && parents.every((parent, row) => parent === row)
  return {ended, parents: isInPlace ? undefined : Int32Array.from(parents), tokens}
}

/** The last rows take the places of those that ended; all others stay where they are, so that few keys and values move. */
function inFreePlaces(going: readonly GoingRow[]): GoingRow[] {
  const last = going.filter(({parents}) => parents[0]! >= going.length)
  const placed = new Map(going.map((each) => [each.parents[0]!, each]))
  return going.map((_, place) => placed.get(place) ?? last.shift()!)
}

/** One decode step with what was chosen. */
export async function takeStep(batch: Batch, choice: Choice): Promise<void> {
  if (choice.parents !== undefined) batch.state.select(choice.parents)
  await batch.state.step(choice.tokens)
  batch.steps += 1
}

/** The other batch's rows go on in this one. */
export function joinBatch(batch: Batch, other: Batch): void {
  batch.state.join(other.state)
  batch.rows = [...batch.rows, ...other.rows]
  batch.steps = Math.max(batch.steps, other.steps)
}
