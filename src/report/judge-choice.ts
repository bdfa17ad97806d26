import type {JudgeCard} from '../store/judgement.ts'
import type {JudgeReading} from './judge-reading.ts'
import type {Reading} from './reading.ts'

/** Which judge fills RG: one for the whole comparison, because scores of two judges cannot stand side by side. */
export interface JudgeChoice {
  readonly card: JudgeCard
  /** By task: the words that most of its column was judged with. */
  readonly promptDigests: ReadonlyMap<string, string>
  /** Other judges that scored some of the readings. */
  readonly others: readonly JudgeCard[]
}

/** Ragas-style answer correctness is what RG most likely is in the paper. */
const METHOD_ORDER = ['answer-correctness', 'rubric', 'similarity']

/** The judge of most readings; of equals the method nearest to the paper's, then the id. Undefined where nobody judged. */
export function chooseJudge(readings: readonly Reading[]): JudgeChoice | undefined {
  const all = readings.flatMap(({judges}) => judges)
  const cards = new Map(all.map(({card}) => [card.id, card]))
  const count = (id: string): number => all.filter(({card}) => card.id === id).length
  const [card, ...others] = [...cards.values()].sort(
    (a, b) =>
      count(b.id) - count(a.id) ||
      METHOD_ORDER.indexOf(a.method) - METHOD_ORDER.indexOf(b.method) ||
      (a.id < b.id ? -1 : 1),
  )
  if (card === undefined) return undefined
  const promptDigests = new Map<string, string>()
  for (const task of new Set(readings.map((reading) => reading.task))) {
    const digests = readings
      .filter((reading) => reading.task === task)
      .flatMap(({judges}) => judges.filter((judge) => judge.card.id === card.id))
      .map(({promptDigest}) => promptDigest)
    const common = commonest(digests)
    if (common !== undefined) promptDigests.set(task, common)
  }
  return {card, promptDigests, others}
}

/** What the chosen judge said of a task of a run. */
export function chosenReading(reading: Reading, choice: JudgeChoice | undefined): JudgeReading | undefined {
  return reading.judges.find(({card}) => card.id === choice?.card.id)
}

function commonest(values: readonly string[]): string | undefined {
  const count = (value: string): number => values.filter((other) => other === value).length
  return [...new Set(values)].sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1))[0]
}
