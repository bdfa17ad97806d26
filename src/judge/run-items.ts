import {createHash} from 'node:crypto'
import {SlmError} from '../errors.ts'
import type {JudgeCard} from '../store/judgement.ts'
import {readRecords, readRun, type StoredRun} from '../store/read-run.ts'
import type {ScoredRecord} from '../store/record.ts'
import type {JudgePrompts} from './judge-prompt-files.ts'
import {itemOf} from './judged-item.ts'
import type {JudgedPair} from './methods/pairwise.ts'

/** Throws for a run whose answers are not all there. */
export function refuseUnfit({folder, manifest, summary}: StoredRun): void {
  if (manifest.shard !== undefined)
    throw new SlmError('run-is-shard', `${folder} is a shard of a run`, {
      hint: 'Join the shards with slm merge first.',
    })
  if (summary === undefined)
    throw new SlmError('run-unfinished', `${folder} is not finished`, {
      hint: 'Repeat its slm eval command first.',
    })
}

/** All samples that have an answer, in the order of the run. */
export async function itemsOf(
  folder: string,
  prompts: ReadonlyMap<string, JudgePrompts>,
  others: ReadonlyMap<string, string> | undefined,
): Promise<JudgedPair[]> {
  const items: JudgedPair[] = []
  for await (const record of readRecords(folder)) {
    if (record.status !== 'scored') continue
    const otherAnswer = others?.get(keyOf(record))
    if (others !== undefined && otherAnswer === undefined) continue
    items.push({...itemOf(record, prompts.get(record.task)!.task), otherAnswer: otherAnswer ?? ''})
  }
  return items
}

/** Names a sample among those of all tasks. */
export function keyOf({task, id}: Pick<ScoredRecord, 'task' | 'id'>): string {
  return JSON.stringify([task, id])
}

/** The run that another one is compared with. */
interface OtherRun {
  /** By `keyOf`. */
  readonly answers: ReadonlyMap<string, string>
  readonly card: NonNullable<JudgeCard['against']>
}

/** The other run's answers; refused where its tasks are not the same ones. */
export async function readOther(run: StoredRun, folder: string): Promise<OtherRun> {
  const other = await readRun(folder)
  refuseUnfit(other)
  for (const task of run.manifest.tasks) {
    const theirs = other.manifest.tasks.find(({name}) => name === task.name)
    if (theirs?.data.digest !== task.data.digest)
      throw new SlmError(
        'runs-not-comparable',
        `${folder} was not run on the same data of ${task.name} as ${run.folder}`,
        {hint: 'Compare runs of the same tasks over the same data.'},
      )
  }
  const answers = new Map<string, string>()
  for await (const record of readRecords(folder))
    if (record.status === 'scored') answers.set(keyOf(record), record.answer)
  return {answers, card: {planDigest: other.manifest.planDigest, model: other.manifest.model.name}}
}

/** By a hash of task and id: the same order everywhere, and any part of it a random sample. */
export function shuffled(items: readonly JudgedPair[]): JudgedPair[] {
  const ranked = items.map((item) => ({item, rank: createHash('sha256').update(keyOf(item)).digest('hex')}))
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0)).map(({item}) => item)
}
