import {type Batch, joinBatch, newBatch, type PlannedRow} from './batch.ts'
import {type DecodeRun, freePlaces} from './decode-run.ts'
import {afterActiveFailure, afterFailure} from './model-failure.ts'

/** Before each choice of tokens: starts a batch where none is active, and takes in what can join it. */
export async function refill(run: DecodeRun): Promise<void> {
  park(run)
  run.active ??= await nextBatch(run)
  if (run.active === undefined || run.active.isAlone) return
  joinParked(run)
  await joinWaiting(run)
}

/**
 * A batch that is nearly done makes room when it cannot take waiting prompts in: its last rows wait until another batch
 * is as far as they are. So the stragglers of several batches share their steps.
 */
function park(run: DecodeRun): void {
  const {active, parked} = run
  if (active === undefined || active.isAlone || !run.refusesLateJoins) return
  const isNearlyDone = active.rows.length <= run.places * run.limits.parkShare
  const hasNext = run.waiting.length > 0 || parked.some((batch) => batch.steps === 0)
  const aside = parked.reduce((sum, batch) => sum + (batch.steps === 0 ? 0 : batch.rows.length), 0)
  if (!isNearlyDone || !hasNext || aside + active.rows.length > run.places) return
  parked.push(active)
  run.active = undefined
}

/** A suspect alone; else prompts that have not begun; else the batch set aside that is least far. */
async function nextBatch(run: DecodeRun): Promise<Batch | undefined> {
  const suspect = run.suspects.shift()
  if (suspect !== undefined) return prefill(run, [suspect], true)
  const fresh = run.parked.findIndex((batch) => batch.steps === 0)
  if (fresh >= 0) return run.parked.splice(fresh, 1)[0]
  // What is set aside may hold all the memory there is: then it goes on first.
  const group = run.waiting.length > 0 ? takeGroup(run) : []
  if (group.length > 0) return prefill(run, group, false)
  run.parked.sort((a, b) => a.steps - b.steps)
  const next = run.parked.shift()
  if (next === undefined && run.waiting.length > 0) throw new Error('prompts wait, and none may begin')
  return next
}

function joinParked(run: DecodeRun): void {
  for (const other of [...run.parked]) {
    const {active} = run
    if (active === undefined || active.rows.length + other.rows.length > run.places) continue
    if (!active.state.canJoin(other.state)) continue
    run.parked = run.parked.filter((batch) => batch !== other)
    join(run, active, other)
  }
}

async function joinWaiting(run: DecodeRun): Promise<void> {
  const needed = run.active?.steps === 0 ? 1 : Math.max(1, Math.ceil(run.places * run.limits.refillShare))
  if (freePlaces(run) < needed) return
  while (run.active !== undefined && run.waiting.length > 0 && freePlaces(run) >= 1) {
    const isFresh = run.active.steps === 0
    if (isFresh ? run.refusesFreshJoins : run.refusesLateJoins) return
    run.active.state.reserve?.(Math.min(run.places, run.active.rows.length + run.waiting.length))
    const group = takeGroup(run)
    if (group.length === 0) return
    const batch = await prefill(run, group, false)
    if (batch === undefined || run.active === undefined) return
    if (!run.active.state.canJoin(batch.state)) {
      if (isFresh) run.refusesFreshJoins = true
      else run.refusesLateJoins = true
      run.parked.push(batch)
      return
    }
    join(run, run.active, batch)
  }
}

function join(run: DecodeRun, active: Batch, other: Batch): void {
  try {
    joinBatch(active, other)
  } catch (error) {
    // Which of the two is damaged is unknown, so the rows of both begin again.
    other.state.close()
    afterActiveFailure(run, {...active, rows: [...new Set([...active.rows, ...other.rows])]}, error)
  }
}

/** The longest waiting prompts that fit the free places and one prefill call. */
function takeGroup(run: DecodeRun): PlannedRow[] {
  const longest = run.waiting[0]!.plan.promptIds.length
  const byTokens = Math.max(1, Math.floor(run.limits.prefillTokens / longest))
  // Where batches cannot be joined, one prefill has to fill them.
  return run.waiting.splice(
    0,
    Math.min(freePlaces(run), run.refusesFreshJoins ? Number.POSITIVE_INFINITY : byTokens),
  )
}

async function prefill(
  run: DecodeRun,
  rows: readonly PlannedRow[],
  isAlone: boolean,
): Promise<Batch | undefined> {
  const startMs = run.nowMs()
  try {
    const state = await run.model.prefill(rows.map(({request}) => request.promptIds))
    return newBatch(state, rows, startMs, isAlone)
  } catch (error) {
    afterFailure(run, rows, error)
    return undefined
  }
}
