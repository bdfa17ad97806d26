import {type JudgeCard, type Judgement, NOT_JUDGED_STATES} from '../store/judgement.ts'
import {readJudgements, readJudges} from '../store/judgement-files.ts'

/** What one judge said of one task of a run. */
export interface JudgeReading {
  readonly card: JudgeCard
  /** Digest of the words that the judge was given for this task. */
  readonly promptDigest: string
  /** Sample id to the scores of its votes, 0..1; a score by rule is one vote. Only what was judged. */
  readonly scores: ReadonlyMap<string, readonly number[]>
  /** State to its count, for what was asked and not judged. */
  readonly notJudged: Readonly<Record<string, number>>
}

/** All judges of a run, by task; tasks that nobody judged are absent. Pairwise judges score a pair, not a run, and are left out. */
export async function readJudgeReadings(folder: string): Promise<ReadonlyMap<string, JudgeReading[]>> {
  const cards = (await readJudges(folder)).filter(({method}) => method !== 'pairwise')
  const counters = new Map<string, {scores: Map<string, number[]>; notJudged: Record<string, number>}>()
  const counterOf = (judgement: Judgement) => {
    const key = JSON.stringify([judgement.judge, judgement.task])
    const known = counters.get(key)
    if (known !== undefined) return known
    const states = NOT_JUDGED_STATES.map((state) => [state, 0])
    const made = {scores: new Map<string, number[]>(), notJudged: Object.fromEntries(states)}
    counters.set(key, made)
    return made
  }
  if (cards.length > 0)
    for await (const judgement of readJudgements(folder)) {
      const counter = counterOf(judgement)
      if (judgement.status === 'judged') counter.scores.set(judgement.id, votesOf(judgement))
      else counter.notJudged[judgement.status] = (counter.notJudged[judgement.status] ?? 0) + 1
    }
  const byTask = new Map<string, JudgeReading[]>()
  for (const card of cards)
    for (const [task, {digest}] of Object.entries(card.prompts)) {
      const counter = counters.get(JSON.stringify([card.id, task]))
      if (counter === undefined) continue
      byTask.set(task, [...(byTask.get(task) ?? []), {card, promptDigest: digest, ...counter}])
    }
  return byTask
}

function votesOf({score, votes}: Extract<Judgement, {status: 'judged'}>): number[] {
  const scores = votes.flatMap((vote) => (vote.status === 'judged' ? [vote.score] : []))
  return scores.length === 0 ? [score] : scores
}
