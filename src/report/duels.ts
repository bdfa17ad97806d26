import {holm} from '../stats/holm.ts'
import type {Duel, Outcome} from './comparison.ts'
import {pairedTest} from './estimates.ts'
import type {MeasuredRow} from './rows.ts'
import {termDifferences} from './terms.ts'

/** Significance level, after Holm. */
const ALPHA = 0.05
/** The paper's question is asked at equal parameters; this is what counts as equal. */
const PARAMETER_TOLERANCE = 0.01

/** Of the resampling; the same for all pairs, so that the order of runs never matters. */
const TEST_SEED = 0

type Draft = Omit<Duel, 'differences'> & {readonly differences: readonly {task: string; outcome: Draw}[]}
type Draw = ReturnType<typeof paired>

/**
 * Each encoder-decoder row against each decoder-only row of the same training (of any, where none is the same), task by
 * task over the samples that both scored. p-values are corrected together, over all duels and tasks.
 */
export function duels(rows: readonly MeasuredRow[], tasks: readonly string[]): Duel[] {
  const drafts = pairsOf(rows).map(
    ([encDec, decOnly]): Draft => ({
      encDec: encDec.name,
      decOnly: decOnly.name,
      warnings: warningsOf(encDec, decOnly),
      differences: tasks
        .filter((task) => encDec.readings.has(task) || decOnly.readings.has(task))
        .map((task) => ({task, outcome: paired(encDec, decOnly, task)})),
    }),
  )
  const tested = drafts.flatMap(({differences}) =>
    differences.flatMap(({outcome}) => (outcome.kind === 'tested' ? [outcome.p] : [])),
  )
  const adjusted = holm(tested)
  let next = 0
  return drafts.map((draft) => ({
    ...draft,
    differences: draft.differences.map(({task, outcome}) => ({
      task,
      outcome: outcome.kind === 'missing' ? outcome : judged(outcome, adjusted[next++]!),
    })),
  }))
}

function pairsOf(rows: readonly MeasuredRow[]): [MeasuredRow, MeasuredRow][] {
  const students = rows.filter(({place}) => place !== 'teacher')
  const encDec = students.filter(({model}) => model.architecture === 'enc-dec')
  const decOnly = students.filter(({model}) => model.architecture === 'dec-only')
  return encDec.flatMap((row) => {
    const sameTraining = decOnly.filter(({training}) => training === row.training)
    return (sameTraining.length > 0 ? sameTraining : decOnly).map((other): [MeasuredRow, MeasuredRow] => [
      row,
      other,
    ])
  })
}

function warningsOf(encDec: MeasuredRow, decOnly: MeasuredRow): string[] {
  const warnings: string[] = []
  const [a, b] = [encDec.model.parameters, decOnly.model.parameters]
  if (a === undefined || b === undefined)
    warnings.push('Warning: parameter counts are not known, so it is not known whether the sizes match')
  else if (Math.abs(a - b) > PARAMETER_TOLERANCE * Math.max(a, b)) {
    const percent = (100 * Math.abs(a / b - 1)).toFixed(1)
    warnings.push(
      `Warning: sizes are not matched within 1%: the encoder-decoder model has ${percent}% ${a > b ? 'more' : 'fewer'} parameters`,
    )
  }
  if (encDec.training !== decOnly.training)
    warnings.push(`Warning: the training differs (${encDec.training} against ${decOnly.training})`)
  else if (encDec.training === 'untrained')
    warnings.push('Warning: both models are untrained, so this says nothing about the architectures')
  if (encDec.model.dtype !== decOnly.model.dtype)
    warnings.push(`Warning: the dtypes differ (${encDec.model.dtype} against ${decOnly.model.dtype})`)
  return warnings
}

function paired(encDec: MeasuredRow, decOnly: MeasuredRow, task: string) {
  const absent = (why: string) => ({kind: 'missing', why}) as const
  const [a, b] = [encDec.readings.get(task), decOnly.readings.get(task)]
  if (a === undefined) return absent(`${encDec.name} has no scores`)
  if (b === undefined) return absent(`${decOnly.name} has no scores`)
  if (a.unfinished !== undefined) return absent(`${encDec.name} is unfinished`)
  if (b.unfinished !== undefined) return absent(`${decOnly.name} is unfinished`)
  const differing = termDifferences(a.terms, b.terms)
  if (differing.length > 0) return absent(`conditions differ (${differing.join('; ')})`)
  if (a.rougeL === undefined || b.rougeL === undefined) return absent('it was run without the metric rougeL')
  const [left, right] = [a.rougeL, b.rougeL]
  const ids = [...left.keys()].filter((id) => right.has(id)).sort()
  if (ids.length < 2) return absent(`only ${ids.length} samples pair by id`)
  const values = (scores: ReadonlyMap<string, number>): number[] => ids.map((id) => scores.get(id)!)
  const test = pairedTest(values(left), values(right), TEST_SEED)
  const unpaired = left.size + right.size - 2 * ids.length
  return {kind: 'tested', ...test, unpaired} as const
}

function judged(draw: Extract<Draw, {kind: 'tested'}>, adjustedP: number): Outcome {
  const {value, low, high} = draw.estimate
  const isShown = adjustedP < ALPHA && (low > 0 || high < 0)
  return {...draw, adjustedP, better: !isShown ? 'neither shown' : value > 0 ? 'enc-dec' : 'dec-only'}
}
