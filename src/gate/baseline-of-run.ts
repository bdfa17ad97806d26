import {SlmError} from '../errors.ts'
import {shortName} from '../report/reading.ts'
import {readAnswers} from './answer-text.ts'
import {baselineDigest} from './baseline-digest.ts'
import {BASELINE_FORMAT, type Baseline, type BaselineRow, type BaselineTask} from './baseline-schema.ts'
import {metricValue} from './metric-value.ts'
import {readRunSide, refuseCutBaseline} from './read-run-side.ts'
import type {Sample, Side, TaskScores} from './side.ts'
import {type KnownMetrics, knownMetrics} from './statistics-of.ts'

/**
 * The baseline of a finished run. Equal runs give equal bytes, on whatever machine, under whatever name and in however
 * many shards they ran. `hasAnswers` keeps the answers too, so that a gate can show what a changed one was.
 */
export async function baselineOfRun(
  folder: string,
  {hasAnswers}: {readonly hasAnswers: boolean},
): Promise<Baseline> {
  const side = await readRunSide(folder)
  if (side.unfinished !== undefined)
    throw new SlmError('run-unfinished', `${folder} is no baseline: ${side.unfinished}`, {
      hint: 'Finish the run first.',
    })
  refuseCutBaseline(side)
  const metrics = await knownMetrics(side.tasks.map(({part}) => part))
  const tasks: BaselineTask[] = []
  for (const task of side.tasks) tasks.push(await baselineTask(side, task, metrics, hasAnswers))
  const {model, ...facts} = side.facts
  const content = {
    slmBaseline: BASELINE_FORMAT,
    ...facts,
    model: {...model, name: shortName(model.name)},
    tasks,
  } as const
  return {...content, digest: baselineDigest(content)}
}

async function baselineTask(
  side: Side,
  {part, samples}: TaskScores,
  metrics: KnownMetrics,
  hasAnswers: boolean,
): Promise<BaselineTask> {
  const answers = hasAnswers ? await readAnswers(side, samples) : undefined
  return {
    ...part,
    data: {...part.data, source: shortName(part.data.source)},
    values: Object.fromEntries(
      part.metrics.map(({id}, place) => [id, metricValue(metrics.get(id), [...samples.values()], place)]),
    ),
    samples: [...samples].map(([id, sample]) => baselineRow(id, sample, answers?.get(id))),
  }
}

function baselineRow(id: string, sample: Sample, answer: string | undefined): BaselineRow {
  if (sample.status === 'failed') return {id, failed: sample.stage}
  const {answerDigest, statistics} = sample
  return {
    id,
    answerDigest,
    statistics: statistics.map((value) => (typeof value === 'number' ? value : [...value])),
    ...(answer === undefined ? {} : {answer}),
  }
}
