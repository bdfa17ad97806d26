import type {LanguageModel} from '../engine/language-model.ts'
import type {DecodeEvent, DecodeOptions} from '../inference/protocol.ts'
import type {Batch, PlannedRow} from './batch.ts'

/** How rows are put together. No value of these changes an answer. */
export interface DecodeLimits {
  /** Most rows of the state that `auto` decodes together. */
  readonly maxRows?: number
  /** Memory for keys and values that `auto` plans with. */
  readonly cacheBudgetBytes?: number
  /** Most padded tokens of one prefill call; a longer prompt goes alone. */
  readonly prefillTokens?: number
  /** Waiting prompts join when at least this share of the places is free. */
  readonly refillShare?: number
  /** A batch that cannot take joins is set aside when at most this share of the places is taken. */
  readonly parkShare?: number
}

/** Decode steps cost little more for 8 rows than for one (runtime.md: 4.4 times the tokens a second), and less and less is won above. */
const MAX_ROWS = 32
const CACHE_BUDGET_BYTES = 2 ** 30
/**
 * One call of `prefill`. The engine splits what it runs into buckets of 512 tokens (runtime.md section 6); this bounds
 * what the first decoder step pads, how long the rows that are being decoded wait, and the keys and values that lie there
 * twice until they have joined: 4,096 took a tenth more memory at the peak and was no faster.
 */
const PREFILL_TOKENS = 2048
/**
 * A join copies the whole cache, about as much work as a step. In 512 answers of 1 to 64 tokens, 32 at a time, a quarter
 * takes 619 steps and 58 joins, an eighth 582 and 107, a half 729 and 30, no joins 987 (docs/design/decoding.md).
 */
const REFILL_SHARE = 0.25
/** Of 0, 1/8, 1/4, 3/8, 1/2 and 3/4 the one with the fewest steps for four distributions of lengths (docs/design/decoding.md). */
const PARK_SHARE = 0.375

/** The changing state of one `decodeAll`. */
export interface DecodeRun {
  readonly model: LanguageModel
  readonly options: DecodeOptions
  readonly limits: Required<DecodeLimits>
  readonly nowMs: () => number
  /** Longest prompt first. */
  waiting: PlannedRow[]
  /** Rows of a batch that failed: each is tried alone. */
  suspects: PlannedRow[]
  active: Batch | undefined
  /** Batches set aside: stragglers that can join when another batch is as far as they are, and prefilled ones that could not join. */
  parked: Batch[]
  /** Most prompts decoded together; sinks when memory runs out. */
  places: number
  /** Whether a prefilled batch was ever refused by one that had taken steps. */
  refusesLateJoins: boolean
  /** Whether a prefilled batch was ever refused by one just prefilled. */
  refusesFreshJoins: boolean
  /** Not yet given to the caller. */
  events: DecodeEvent[]
  newTokens: number
}

export function newRun(
  model: LanguageModel,
  options: DecodeOptions,
  rows: readonly PlannedRow[],
  nowMs: () => number,
  limits: DecodeLimits,
): DecodeRun {
  const resolved = {
    maxRows: limits.maxRows ?? MAX_ROWS,
    cacheBudgetBytes: limits.cacheBudgetBytes ?? CACHE_BUDGET_BYTES,
    prefillTokens: limits.prefillTokens ?? PREFILL_TOKENS,
    refillShare: limits.refillShare ?? REFILL_SHARE,
    parkShare: limits.parkShare ?? PARK_SHARE,
  }
  const automatic = Math.max(1, Math.floor(resolved.maxRows / rowsPerPrompt(options)))
  return {
    model,
    options,
    limits: resolved,
    nowMs,
    waiting: rows.toSorted((a, b) => b.plan.promptIds.length - a.plan.promptIds.length),
    suspects: [],
    active: undefined,
    parked: [],
    places: options.batchSize === 'auto' ? automatic : options.batchSize,
    refusesLateJoins: false,
    refusesFreshJoins: false,
    events: [],
    newTokens: 0,
  }
}

function rowsPerPrompt({generation}: DecodeOptions): number {
  return Math.max(generation.num_beams, generation.num_return_sequences)
}

/** Prompts that may be prefilled now: within the places, and for `auto` within memory. At least one when nothing is in flight. */
export function freePlaces(run: DecodeRun): number {
  const inFlight = [...(run.active?.rows ?? []), ...run.parked.flatMap((batch) => batch.rows)]
  const free = run.places - (run.active?.rows.length ?? 0)
  if (run.options.batchSize !== 'auto' || free < 1) return free
  // All rows of a batch are as long as the longest: the next one is the longest that waits.
  const longest = [...inFlight, ...run.waiting.slice(0, 1)].reduce(
    (most, {plan}) => Math.max(most, plan.promptIds.length + plan.limit),
    1,
  )
  const bytesPerPrompt = run.model.facts.cacheBytesPerToken * longest * rowsPerPrompt(run.options)
  const byMemory = Math.floor(run.limits.cacheBudgetBytes / Math.max(1, bytesPerPrompt)) - inFlight.length
  return Math.max(inFlight.length === 0 ? 1 : 0, Math.min(free, byMemory))
}
