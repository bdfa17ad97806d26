import type {Batch, PlannedRow} from './batch.ts'
import type {DecodeRun} from './decode-run.ts'

/** How C++, ONNX Runtime's arena and V8 say that memory ran out. */
const OUT_OF_MEMORY = /bad_alloc|allocate|out of memory|allocation failed/i

/**
 * The model failed with these rows. Out of memory: all that is in flight goes back to wait, and half as many are tried
 * together. Anything else: the rows are tried one by one. A row that fails alone is a `failed` row.
 * The batches concerned must be closed already.
 */
export function afterFailure(run: DecodeRun, rows: readonly PlannedRow[], error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const others = [...(run.active?.rows ?? []), ...run.parked.flatMap((batch) => batch.rows)]
  const isMemory = OUT_OF_MEMORY.test(message)
  if (rows.length === 1 && (others.length === 0 || !isMemory)) {
    failRow(run, rows[0]!, message)
    return
  }
  if (!isMemory) {
    run.suspects.push(...rows)
    return
  }
  const from = run.places
  run.places = Math.max(1, Math.floor(Math.min(from, rows.length + others.length) / 2))
  if (run.places < from) run.events.push({kind: 'batch-size', from, to: run.places, why: message})
  // What is set aside holds memory too.
  const parked = run.parked.splice(0)
  for (const batch of parked) batch.state.close()
  run.waiting = [...rows, ...parked.flatMap((batch) => batch.rows), ...run.waiting].sort(
    (a, b) => b.plan.promptIds.length - a.plan.promptIds.length,
  )
}

/** The active batch is lost. */
export function afterActiveFailure(run: DecodeRun, batch: Batch, error: unknown): void {
  run.active = undefined
  batch.state.close()
  afterFailure(run, batch.rows, error)
}

export function failRow(run: DecodeRun, {request}: Pick<PlannedRow, 'request'>, error: string): void {
  run.events.push({kind: 'row', row: {kind: 'failed', key: request.key, error}})
}
