import type {JudgeConfig} from '../../config/judge-config.ts'
import {SlmError} from '../../errors.ts'
import type {JudgeCard} from '../../store/judgement.ts'
import type {Spent} from '../budget.ts'
import {judgeCard} from '../judge-card.ts'
import {type JudgePrompts, loadJudgePrompts} from '../judge-prompt-files.ts'
import type {JudgeRunsOptions} from '../judge-runs.ts'
import {type OpenedJudge, usesEmbeddings, withJudge} from '../judge-tools.ts'
import {openMethod} from '../methods/catalogue.ts'
import type {Tools} from '../methods/method.ts'
import {mapInParallel} from '../parallel.ts'
import {type AgreementReport, agreementReport, type LabelledItem} from './agreement-report.ts'
import {type JudgedLabel, judgedSamples, judgeSubject} from './judged-labels.ts'
import {type LabelRow, type LabelSubject, readLabels} from './label-rows.ts'

export interface Calibration {
  /** Undefined when no row was judged. */
  readonly agreement: AgreementReport | undefined
  readonly rows: number
  /** Rows that were not judged, with the reason, by state. */
  readonly notJudged: Readonly<Record<string, number>>
  /** Share of all rows on which judge and label agree when what was not judged counts as a disagreement. */
  readonly rawWithFailures: number
  /** Who judged; undefined for verdicts that were given elsewhere. */
  readonly card: JudgeCard | undefined
  readonly spent: Spent | undefined
  /** The same for the rows of each value of a column, where one was named. */
  readonly groups: readonly AgreementGroup[]
}

export interface AgreementGroup {
  readonly name: string
  readonly agreement: AgreementReport
}

export interface CalibrateOptions {
  readonly labels: string
  /** The run whose samples are labelled by id. */
  readonly run?: string | undefined
  /** Chooses among several judges of the run. */
  readonly judgeId?: string | undefined
  /** A column: agreement is also shown for each of its values. */
  readonly by?: string | undefined
}

/** Measures how far a judge agrees with people: on verdicts of a file, on a judged run, or by judging the rows now. */
export async function calibrate(
  {labels, run, judgeId, by}: CalibrateOptions,
  config: JudgeConfig,
  options: JudgeRunsOptions,
): Promise<Calibration> {
  const rows = await readLabels(labels, by)
  const asked = rows.filter(({subject}) => subject.kind === 'answer' || subject.kind === 'statement')
  if (asked.length > 0) return calibrateByAsking(rows, config, options)
  const samples = rows.some(({subject}) => subject.kind === 'sample')
  if (samples && run === undefined)
    throw new SlmError('run-missing', `${labels} labels samples by id, and no run is named`, {
      hint: 'Write slm judge calibrate RUN --labels FILE.',
    })
  const [method = 'answer-correctness'] = config.methods
  const lookUp = run === undefined ? undefined : await judgedSamples(run, method, judgeId)
  const judged = rows.map(({subject}) => {
    if (subject.kind === 'verdict') return onLabelScale(subject.value)
    return subject.kind === 'sample' && lookUp !== undefined
      ? lookUp(subject)
      : ({status: 'failed', why: 'no judge'} as const)
  })
  return calibration(rows, judged, config.seed, undefined, undefined)
}

async function calibrateByAsking(
  rows: readonly LabelRow[],
  config: JudgeConfig,
  options: JudgeRunsOptions,
): Promise<Calibration> {
  const prompts = new Map<string, JudgePrompts>()
  for (const task of new Set(['any', ...rows.map(({subject}) => taskOf(subject))]))
    prompts.set(task, await loadJudgePrompts(task, config.prompts))
  const [name = 'answer-correctness'] = config.methods
  return withJudge(config, options, async (opened) => {
    const embeddings = usesEmbeddings(name) ? opened.embedder?.identity : undefined
    const asked = name === 'similarity' ? undefined : opened.judge
    const method = openMethod(name, asked?.kind ?? 'none', embeddings !== undefined)
    const tools: Tools = {...opened.tools, prompts: (task) => prompts.get(task)!}
    options.onEvent({kind: 'started', folder: 'labels', method: name, samples: rows.length})
    const judged = await mapInParallel(
      rows,
      {parallel: config.parallel, signal: options.signal},
      async ({subject}): Promise<JudgedLabel> => {
        if (subject.kind === 'verdict') return onLabelScale(subject.value)
        if (subject.kind === 'sample')
          return {status: 'failed', why: 'the row holds neither answer nor statement'}
        const label = await judgeSubject(subject, method, config.votes, tools)
        options.onEvent({kind: 'sample', isJudged: label.status === 'judged'})
        return label
      },
    )
    const card = judgeCard({method, judge: asked, embeddings, prompts, votes: config.votes})
    return calibration(rows, judged, config.seed, card, opened.spent())
  })
}

function taskOf(subject: LabelSubject): string {
  return subject.kind === 'answer' ? (subject.task ?? 'any') : 'any'
}

function onLabelScale(value: number): JudgedLabel {
  return {status: 'judged', value, isOnLabelScale: true}
}

function calibration(
  rows: readonly LabelRow[],
  judged: readonly JudgedLabel[],
  seed: number,
  card: JudgeCard | undefined,
  spent: ReturnType<OpenedJudge['spent']> | undefined,
): Calibration {
  const all = rows.flatMap(({labels}) => labels)
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const notJudged: Record<string, number> = {}
  const items: LabelledItem[] = []
  const groups = new Map<string, LabelledItem[]>()
  for (const [index, {labels, group}] of rows.entries()) {
    const label = judged[index]!
    if (label.status !== 'judged') {
      notJudged[label.status] = (notJudged[label.status] ?? 0) + 1
      continue
    }
    const value = label.isOnLabelScale ? label.value : least + label.value * (most - least)
    items.push({labels, value})
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), {labels, value}])
  }
  const agreement = items.length === 0 ? undefined : agreementReport(items, seed)
  const raw = agreement === undefined || 'missing' in agreement.judge.raw ? 0 : agreement.judge.raw.value
  return {
    agreement,
    rows: rows.length,
    notJudged,
    rawWithFailures: (raw * items.length) / rows.length,
    card,
    spent,
    groups: [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, grouped]) => ({name, agreement: agreementReport(grouped, seed)})),
  }
}
