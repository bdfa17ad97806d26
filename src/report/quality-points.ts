import type {Estimate} from '../stats/estimate.ts'
import type {BenchModelRecord} from '../store/bench-record.ts'
import type {BenchRun, MeasuredCell} from './bench-comparison.ts'
import {meanEstimate} from './estimates.ts'
import {modelSeries} from './figure-style.ts'
import {grouped, listed} from './quantity.ts'
import {type Reading, type ReadModel, shortName} from './reading.ts'

/** One model on one task: how good, how fast, how large. */
export interface QualityPoint {
  readonly task: string
  /** The model's label in its benchmark. */
  readonly model: string
  readonly architecture: ReadModel['architecture']
  readonly dtype: string
  /** Mean ROUGE-L, 0..1. */
  readonly quality: Estimate
  readonly endToEndMs: Estimate
  /** Undefined where it was not measured. */
  readonly peakBytes: Estimate | undefined
  /** As it is called in figures. */
  readonly series: string
  /** The measured condition nearest to the task: `512 input tokens, 64 new tokens, batch 1`. */
  readonly condition: string
  /** The same in short: `512 + 64 tokens, batch 1`. */
  readonly tokens: string
}

export interface JoinedQuality {
  readonly points: readonly QualityPoint[]
  /** Why something is not in the figures. */
  readonly notes: readonly string[]
}

/**
 * Puts the quality of evaluations beside the speed of a benchmark, model by model. The condition is the one nearest to the task:
 * with a cache, the smallest batch, and of the measured input lengths the one nearest to the mean prompt of the task.
 */
export function qualityPoints(run: BenchRun, readings: readonly Reading[]): JoinedQuality {
  const tasksByNote = new Map<string, string[]>()
  const points: QualityPoint[] = []
  const ours = run.models.filter(({program}) => program === 'slm')
  for (const reading of readings) {
    const say = (what: string): void => {
      const note = `${reading.model.name} ${reading.model.dtype} ${what}`
      tasksByNote.set(note, [...(tasksByNote.get(note) ?? []), reading.task])
    }
    const model =
      ours.find((one) => isSameFiles(one, reading)) ?? ours.find((one) => isSameName(one, reading))
    if (model === undefined) {
      say(`is not in the figures, ${run.run} did not measure it`)
      continue
    }
    const quality = qualityOf(reading)
    if (typeof quality === 'string') {
      say(`is not in the figures: ${quality}`)
      continue
    }
    if (!isSameFiles(model, reading))
      say(
        typeof model.digest === 'string'
          ? 'stands at the speed of a model of that name with other files'
          : 'is found by its name, because the files that were measured are not stated',
      )
    const cell = nearestCell(run, model.model, meanPrompt(readings, reading.task))
    const time = cell?.values.endToEndMs
    if (cell === undefined || time?.kind !== 'estimate') {
      say('is not in the figures: its speed was not measured with a cache')
      continue
    }
    const memory = cell.values.peakBytes
    points.push({
      task: reading.task,
      model: model.model,
      architecture: model.architecture,
      dtype: model.dtype,
      quality,
      endToEndMs: time.estimate,
      peakBytes: memory.kind === 'estimate' ? memory.estimate : undefined,
      series: modelSeries(model, run.models),
      condition: conditionText(cell),
      tokens: `${cell.inputTokens} + ${cell.outputTokens} tokens, batch ${cell.batch}`,
    })
  }
  const notes = [...tasksByNote].map(([note, tasks]) => `${note} (${listed(tasks)})`)
  return {points, notes}
}

/** The mean ROUGE-L of a reading, or why there is none. */
export function qualityOf({unfinished, rougeL, seed, tally}: Reading): Estimate | string {
  if (unfinished !== undefined) return unfinished
  if (rougeL === undefined) return 'it was run without the metric rougeL'
  if (rougeL.size === 0) return `none of ${tally.scored + tally.failed} samples counts for rougeL`
  return meanEstimate([...rougeL.values()], seed)
}

function isSameFiles(model: BenchModelRecord, reading: Reading): boolean {
  return typeof model.digest === 'string' && model.digest === reading.model.digest
}

function isSameName(model: BenchModelRecord, {model: read}: Reading): boolean {
  return shortName(model.name) === read.name && model.dtype === read.dtype
}

/** One length for all models of a task, so that they are compared under one condition. */
function meanPrompt(readings: readonly Reading[], task: string): number | undefined {
  const means = readings.flatMap((one) =>
    one.task === task && one.meanPromptTokens !== undefined ? [one.meanPromptTokens] : [],
  )
  return means.length === 0 ? undefined : means.reduce((sum, mean) => sum + mean, 0) / means.length
}

function nearestCell(run: BenchRun, model: string, promptTokens = 1): MeasuredCell | undefined {
  const cached = run.cells.filter(({setting}) => setting === 'cached')
  const batch = Math.min(...cached.map((cell) => cell.batch))
  const apart = (cell: MeasuredCell): number => Math.abs(Math.log(cell.inputTokens / promptTokens))
  const [nearest] = cached.filter((cell) => cell.batch === batch).sort((a, b) => apart(a) - apart(b))
  return cached.find(
    (cell) =>
      cell.model === model &&
      cell.batch === batch &&
      cell.inputTokens === nearest?.inputTokens &&
      cell.outputTokens === nearest.outputTokens,
  )
}

function conditionText({inputTokens, outputTokens, batch}: MeasuredCell): string {
  return `${grouped(String(inputTokens))} input tokens, ${outputTokens} new tokens, batch ${batch}`
}
