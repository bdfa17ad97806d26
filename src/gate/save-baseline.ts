import {existsSync} from 'node:fs'
import {writeFile} from 'node:fs/promises'
import {SlmError} from '../errors.ts'
import {writeAtomically} from '../store/atomic-file.ts'
import {readBaseline, sideOfBaseline} from './baseline-file.ts'
import {baselineOfRun} from './baseline-of-run.ts'
import type {Baseline, BaselineTask} from './baseline-schema.ts'
import {baselineText} from './baseline-text.ts'
import {isMissing} from './checks.ts'
import {changesOf, differencesOf} from './differences.ts'
import {figure} from './metric-verdict.ts'
import type {Side} from './side.ts'

export interface SavedBaseline {
  readonly file: string
  readonly digest: string
  readonly bytes: number
}

/** Writes the baseline of a run; an existing file is never replaced in passing. */
export async function saveBaseline(
  folder: string,
  file: string,
  options: {readonly hasAnswers: boolean},
): Promise<SavedBaseline & {readonly baseline: Baseline}> {
  if (existsSync(file))
    throw new SlmError('baseline-exists', `${file} exists`, {
      hint: `slm baseline update ${file} --run ${folder} replaces it and says what moves.`,
    })
  const baseline = await baselineOfRun(folder, options)
  return {...(await written(file, baseline, (text) => writeFile(file, text, {flag: 'wx'}))), baseline}
}

export interface UpdatedBaseline extends SavedBaseline {
  /** What is not as it was, one sentence each; empty when the bytes are the same. */
  readonly moves: readonly string[]
}

/** Replaces a baseline by that of another run. */
export async function updateBaseline(
  file: string,
  folder: string,
  {mayDropTasks}: {readonly mayDropTasks: boolean},
): Promise<UpdatedBaseline> {
  const old = await readBaseline(file)
  const hasAnswers = old.tasks.some(({samples}) => samples.some((row) => 'answer' in row))
  const now = await baselineOfRun(folder, {hasAnswers})
  const dropped = old.tasks.filter(({name}) => !now.tasks.some((task) => task.name === name))
  if (dropped.length > 0 && !mayDropTasks)
    throw new SlmError('baseline-tasks', `${folder} has no ${dropped.map(({name}) => name).join(', ')}`, {
      hint: 'Run these tasks too, or forget them with --drop-tasks.',
    })
  const moves = [
    ...dropped.map(({name}) => `${name} is forgotten`),
    ...movesOf(sideOfBaseline(file, old), sideOfBaseline(folder, now)),
    ...now.tasks.flatMap((task) =>
      valueMoves(
        task,
        old.tasks.find(({name}) => name === task.name),
      ),
    ),
  ]
  return {...(await written(file, now, (text) => writeAtomically(file, text))), moves}
}

function movesOf(old: Side, now: Side): string[] {
  const conditions = now.tasks.flatMap(({part}) => {
    const before = old.tasks.find((task) => task.part.name === part.name)
    return before === undefined
      ? []
      : differencesOf(part.name, {side: old, part: before.part}, {side: now, part})
  })
  return [
    ...changesOf(old, now),
    ...conditions.map(({task, name, baseline, run}) => `${task}: ${name} ${baseline} -> ${run}`),
  ]
}

function valueMoves({name, values, samples}: BaselineTask, old: BaselineTask | undefined): string[] {
  if (old === undefined) return [`${name} is new, with ${samples.length} samples`]
  const text = (value: BaselineTask['values'][string] | undefined): string =>
    value === undefined || isMissing(value) ? 'none' : figure(value)
  const moved = Object.entries(values)
    .filter(([id, value]) => JSON.stringify(value) !== JSON.stringify(old.values[id]))
    .map(([id, value]) => `${name} ${id}: ${text(old.values[id])} -> ${text(value)}`)
  const rows = new Map(old.samples.map((row) => [row.id, JSON.stringify(row)]))
  const changed = samples.filter((row) => rows.get(row.id) !== JSON.stringify(row)).length
  const gone = old.samples.length + changed - samples.length
  return [
    ...moved,
    ...(changed > 0 ? [`${name}: ${changed} of ${samples.length} samples are new or other ones`] : []),
    ...(changed === 0 && gone > 0 ? [`${name}: ${gone} samples are gone`] : []),
  ]
}

async function written(
  file: string,
  baseline: Baseline,
  write: (text: string) => Promise<void>,
): Promise<SavedBaseline> {
  const text = baselineText(baseline)
  try {
    await write(text)
  } catch (cause) {
    throw new SlmError('out-not-writable', `${file} cannot be written`, {
      hint: 'Check that its folder exists and can be written to.',
      cause,
    })
  }
  return {file, digest: baseline.digest, bytes: Buffer.byteLength(text)}
}
