import {repeatedEstimate} from '../stats/repeated-estimate.ts'
import {type Cell, missing} from './cell.ts'
import {averageEstimate} from './estimates.ts'
import {chosenReading, type JudgeChoice} from './judge-choice.ts'
import type {Reading} from './reading.ts'
import type {JudgedTally} from './score-table.ts'

const NOT_JUDGED = missing('not judged', 'no judge has scored this run')

/** RG of one task, and what became of its samples; the tally is undefined where the chosen judge was not asked. */
export function judgeCell(
  reading: Reading,
  choice: JudgeChoice | undefined,
): {readonly rg: Cell; readonly judged: JudgedTally | undefined} {
  const judge = chosenReading(reading, choice)
  if (judge === undefined || choice === undefined) {
    const [other] = reading.judges
    const rg =
      other === undefined
        ? NOT_JUDGED
        : missing('not judged', `only another judge has scored this run (${other.card.id})`)
    return {rg, judged: undefined}
  }
  if (judge.promptDigest !== choice.promptDigests.get(reading.task)) {
    const words = judge.card.prompts[reading.task]?.version ?? 'unknown'
    return {
      rg: missing(
        'other prompts',
        `the judge was given other words than in the rest of the column (${words})`,
      ),
      judged: undefined,
    }
  }
  const votes = [...judge.scores.values()]
  const samples = reading.tally.scored
  const sum = votes.reduce((total, scores) => total + meanOf(scores), 0)
  const judged = {
    judged: votes.length,
    samples,
    notJudged: judge.notJudged,
    failuresAsZero: samples === 0 ? 0 : sum / samples,
  }
  if (votes.length === 0) return {rg: missing('not judged', `none of ${samples} samples was judged`), judged}
  return {rg: {kind: 'estimate', estimate: repeatedEstimate(votes, {seed: reading.seed})}, judged}
}

/** The plain mean of the tasks' RG; there is none unless each has one. */
export function averageJudgeCell(
  parts: readonly {
    readonly task: string
    readonly reading: Reading | undefined
    readonly rg: Cell | undefined
  }[],
  choice: JudgeChoice | undefined,
): Cell {
  const absent = parts.filter(({rg}) => rg?.kind !== 'estimate').map(({task}) => task)
  if (absent.length === parts.length) return NOT_JUDGED
  if (absent.length > 0)
    return missing('incomplete', `the average needs a judge’s score of ${absent.join(', ')} too`)
  const scores = parts.map(({reading}) =>
    [...(reading === undefined ? [] : (chosenReading(reading, choice)?.scores.values() ?? []))].map(meanOf),
  )
  return {kind: 'estimate', estimate: averageEstimate(scores, parts[0]?.reading?.seed ?? 0)}
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
