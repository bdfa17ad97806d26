import type {SamplesCheck} from './checks.ts'
import type {ScoredSample, TaskScores} from './side.ts'

/** One sample that both sides scored. */
export interface SamplePair {
  readonly id: string
  readonly baseline: ScoredSample
  readonly run: ScoredSample
}

export interface PairedSamples {
  readonly pairs: readonly SamplePair[]
  readonly check: SamplesCheck
}

export interface PairingOptions {
  /** Other data were asked for, so samples without a partner are no loss. */
  readonly areDataDifferent: boolean
  /** Samples of the run may still come. */
  readonly isUnfinished: boolean
}

/** Pairs samples by id, in the order of the baseline. What the baseline scored and the run did not is a regression. */
export function pairSamples(
  baseline: TaskScores,
  run: TaskScores,
  {areDataDifferent, isUnfinished}: PairingOptions,
): PairedSamples {
  const pairs: SamplePair[] = []
  const missing: string[] = []
  const failed: string[] = []
  for (const [id, old] of baseline.samples) {
    if (old.status === 'failed') continue
    const now = run.samples.get(id)
    if (now === undefined) missing.push(id)
    else if (now.status === 'failed') failed.push(id)
    else pairs.push({id, baseline: old, run: now})
  }
  const added = [...run.samples.keys()].filter((id) => !baseline.samples.has(id)).length
  const isLost = failed.length > 0 || (missing.length > 0 && !areDataDifferent && !isUnfinished)
  const isOpen = pairs.length === 0 || (missing.length > 0 && isUnfinished)
  const verdict = isLost ? 'regression' : isOpen ? 'inconclusive' : 'passed'
  const why = samplesText(pairs.length, missing, failed, added)
  return {
    pairs,
    check: {
      kind: 'samples',
      task: baseline.part.name,
      verdict,
      why,
      paired: pairs.length,
      missing,
      failed,
      added,
    },
  }
}

function samplesText(
  paired: number,
  missing: readonly string[],
  failed: readonly string[],
  added: number,
): string {
  return [
    `${paired} samples pair`,
    ...(missing.length > 0 ? [`${missing.length} of the baseline are missing (${idList(missing)})`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed that were scored before (${idList(failed)})`] : []),
    ...(added > 0 ? [`${added} are not in the baseline`] : []),
  ].join('; ')
}

function idList(ids: readonly string[]): string {
  const shown = ids.slice(0, 3).map((id) => id.slice(0, 60))
  return `${shown.join(', ')}${ids.length > 3 ? ', ...' : ''}`
}
