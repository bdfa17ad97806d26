import type {BenchConfig} from '../config/bench-config.ts'
import {LEAST_SHARED} from '../engine/shared-prefix.ts'
import {SlmError} from '../errors.ts'
import type {BenchPlan} from '../store/bench-manifest.ts'
import type {BenchRecord, BenchSetting} from '../store/bench-record.ts'
import {type BenchCell, benchCells, cellKey} from './cells.ts'
import type {SampleJob} from './measure-sample.ts'
import {recordedFacts, type Subject} from './subjects.ts'

/** What decides a benchmark: the models as they were found, and the sweep. */
export function planBench(
  config: BenchConfig,
  subjects: readonly Subject[],
  versions: BenchPlan['versions'],
): BenchPlan {
  const settings: BenchSetting[] = ['cached']
  if (config.noCache) settings.push('no-cache')
  if (config.prefixCache) settings.push('prefix-cache')
  const [first] = subjects
  if (first === undefined) throw new SlmError('usage', 'no model to measure', {hint: 'Give --model.'})
  return {
    models: subjects.map((subject) => ({label: subject.label, ...recordedFacts(subject)})),
    settings,
    inputLengths: config.inputLengths,
    outputLength: config.outputLength,
    batchSizes: config.batchSizes,
    repeats: config.repeats,
    warmUp: config.warmUp,
    freshTokens: config.freshTokens,
    threads: first.description.facts.threads,
    seed: config.seed,
    versions,
  }
}

/** Why this model cannot be measured in this cell; undefined where it can. */
export function whyNot({program, description: {facts}}: Subject, cell: BenchCell): string | undefined {
  const {setting, inputTokens, outputTokens, prefixTokens} = cell
  const cannot = facts.cannot[setting]
  if (cannot !== undefined) return cannot
  if (program !== 'slm' && setting !== 'cached') return `${program} is measured with its own cache only`
  if (setting === 'prefix-cache' && prefixTokens < LEAST_SHARED)
    return `beside its fresh tokens a prompt of ${inputTokens} has a prefix of ${prefixTokens}, and below ${LEAST_SHARED} tokens none is reused`
  if (facts.contextLength === undefined) return undefined
  const needed = facts.architecture === 'dec-only' ? inputTokens + outputTokens : inputTokens
  return needed > facts.contextLength
    ? `it needs ${needed} tokens, the model's context holds ${facts.contextLength}`
    : undefined
}

/** A sample that is still to be measured. */
export type Job = Omit<SampleJob, 'start'>

/**
 * What is left to measure, in order: cell by cell, in each the repeats, in each repeat one model after the other, so that
 * whatever drifts on the machine hits all models alike. What has a measured record is done; what failed is tried again.
 */
export function remainingJobs(
  plan: BenchPlan,
  subjects: readonly Subject[],
  records: readonly BenchRecord[],
): Job[] {
  const done = new Set(
    records.flatMap((record) =>
      record.kind === 'sample' && record.status === 'measured' && !record.isWarmUp
        ? [`${cellKey(record.model, record)} ${record.repeat}`]
        : [],
    ),
  )
  return benchCells(plan).flatMap((cell) => {
    const able = subjects.filter((subject) => whyNot(subject, cell) === undefined)
    return Array.from({length: plan.repeats}, (_, repeat) => repeat).flatMap((repeat) =>
      able
        .filter(({label}) => !done.has(`${cellKey(label, cell)} ${repeat}`))
        .map((subject) => ({subject, cell, repeat, warmUp: plan.warmUp, seed: plan.seed})),
    )
  })
}
