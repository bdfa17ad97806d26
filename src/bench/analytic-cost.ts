import type {CostRecord} from '../store/bench-record.ts'
import type {BenchCell} from './cells.ts'
import type {ModelWork} from './model-work.ts'

export type AnalyticCost = Omit<CostRecord, 'kind' | keyof BenchCell | 'model'>

/** A multiplication and an addition. */
const OPERATIONS = 2

/**
 * What a cell costs on paper: products with weights, and attention's own products over the mean length of the cache.
 * Norms, activations, the softmax and the choice of a token are left out; so is what a runtime computes beyond need, such
 * as logits of prompt positions that nobody reads or scores above the diagonal.
 */
export function analyticCost(work: ModelWork, cell: BenchCell): AnalyticCost {
  const counted = work.isPair ? pairCost(work, cell) : decoderOnlyCost(work, cell)
  return {
    how: HOW[cell.setting][work.isPair ? 'pair' : 'single'],
    hasAttention: work.attention !== undefined,
    firstTokenFlops: OPERATIONS * cell.batch * counted.first,
    flopsPerStep: OPERATIONS * cell.batch * counted.step,
    weightBytesPerStep: work.stepWeightBytes,
    cacheBytesPerStep: cell.batch * counted.cacheBytes,
  }
}

const HOW = {
  cached: {
    pair: 'the input is encoded once; a step reads the kept keys and values of the input and of what was written',
    single: 'the input is computed once; a step reads the kept keys and values of all before it',
  },
  'no-cache': {
    pair: 'the input is encoded once; for each token the decoder computes all that was written again, keys and values of the input included',
    single: 'for each token the input and all that was written is computed again',
  },
  'prefix-cache': {
    pair: 'not possible',
    single: 'the shared prefix was computed before the clock started; the rest of the input is computed',
  },
} as const

/** Multiplications of one row, and bytes of keys and values that a step reads. */
interface Counted {
  readonly first: number
  readonly step: number
  readonly cacheBytes: number
}

function pairCost(work: ModelWork, {setting, inputTokens, outputTokens}: BenchCell): Counted {
  const attention = work.attention ?? {encoder: 0, decoder: 0}
  const written = (outputTokens + 1) / 2
  // Scores and weighted sum: two multiplications for each pair of tokens and each part of a query.
  const encode = inputTokens * (work.encoderMultiplications + 2 * attention.encoder * inputTokens)
  const cross = inputTokens * work.crossMultiplications
  const token = (context: number): number =>
    work.decoderMultiplications + 2 * attention.decoder * (context + inputTokens)
  const first = encode + cross + token(1) + work.headMultiplications
  const isCached = setting !== 'no-cache'
  const step = isCached ? token(written) : cross + written * token(written / 2)
  return {
    first,
    step: step + work.headMultiplications,
    cacheBytes: isCached ? work.selfCacheBytes * written + work.crossCacheBytes * inputTokens : 0,
  }
}

function decoderOnlyCost(
  work: ModelWork,
  {setting, inputTokens, outputTokens, prefixTokens}: BenchCell,
): Counted {
  const attention = work.attention ?? {encoder: 0, decoder: 0}
  const token = (context: number): number => work.decoderMultiplications + 2 * attention.decoder * context
  const meanLength = inputTokens + outputTokens / 2
  const fresh = inputTokens - prefixTokens
  const first = fresh * token(prefixTokens + (fresh + 1) / 2) + work.headMultiplications
  const isCached = setting !== 'no-cache'
  const step = isCached ? token(meanLength) : meanLength * token(meanLength / 2)
  return {
    first,
    step: step + work.headMultiplications,
    cacheBytes: isCached ? work.selfCacheBytes * meanLength : 0,
  }
}
