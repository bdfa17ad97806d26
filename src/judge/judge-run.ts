import {SlmError} from '../errors.ts'
import type {JudgeCard, Judgement} from '../store/judgement.ts'
import {readJudgements, readJudges, writeJudgements} from '../store/judgement-files.ts'
import {readRun, type StoredRun} from '../store/read-run.ts'
import {lockRun} from '../store/run-lock.ts'
import type {OnJudgeEvent} from './events.ts'
import type {Embedder, Judge} from './judge.ts'
import {judgeCard} from './judge-card.ts'
import {judgeItem} from './judge-item.ts'
import {type JudgePrompts, loadJudgePrompts} from './judge-prompt-files.ts'
import type {OpenedMethod} from './methods/catalogue.ts'
import type {Tools} from './methods/method.ts'
import type {JudgedPair} from './methods/pairwise.ts'
import {itemsOf, keyOf, readOther, refuseUnfit, shuffled} from './run-items.ts'
import {JudgingStopped} from './stopped.ts'
import {type JudgedTask, summarizeJudgements} from './summarize-judgements.ts'

export interface JudgeRunOptions {
  readonly method: OpenedMethod
  readonly judge: Pick<Judge, 'identity' | 'settings'> | undefined
  readonly embeddings: Embedder['identity'] | undefined
  readonly tools: Omit<Tools, 'prompts'>
  readonly votes: number
  /** Samples under way at a time. */
  readonly parallel: number
  /** Samples of each task, a random subset. */
  readonly limit: number | undefined
  /** The user's own prompt file. */
  readonly prompts: string | undefined
  /** The other run of a pairwise comparison. */
  readonly against?: string | undefined
  /** False for an estimate: nothing is written. */
  readonly isWriting: boolean
  /** Aborted: no further sample is begun; those under way end. */
  readonly signal: AbortSignal
  readonly onEvent: OnJudgeEvent
}

export interface JudgedRun {
  readonly folder: string
  readonly card: JudgeCard
  readonly tasks: readonly JudgedTask[]
  /** Why the rest was left unasked; undefined when all was asked. */
  readonly stopped: string | undefined
}

/**
 * Judges the answers of a finished run by one method and writes what came of it into the run folder. Samples are asked in
 * an order that is random but fixed, so that the part before a budget's end stands for the whole. Nothing is generated again.
 */
export async function judgeRun(folder: string, options: JudgeRunOptions): Promise<JudgedRun> {
  const run = await readRun(folder)
  refuseUnfit(run)
  const unlock = options.isWriting ? await lockRun(folder) : async () => undefined
  try {
    return await judgeLocked(run, options)
  } finally {
    await unlock()
  }
}

async function judgeLocked(run: StoredRun, options: JudgeRunOptions): Promise<JudgedRun> {
  const {folder, manifest} = run
  const prompts = new Map<string, JudgePrompts>()
  for (const {name} of manifest.tasks) prompts.set(name, await loadJudgePrompts(name, options.prompts))
  const other = options.against === undefined ? undefined : await readOther(run, options.against)
  const items = await itemsOf(folder, prompts, other?.answers)
  const card = judgeCard({
    method: options.method,
    judge: options.judge,
    embeddings: options.embeddings,
    prompts,
    votes: options.votes,
    ...(other === undefined ? {} : {against: other.card}),
  })
  const chosen = manifest.tasks.flatMap(({name}) =>
    shuffled(items.filter(({task}) => task === name)).slice(0, options.limit),
  )
  options.onEvent({kind: 'started', folder, method: options.method.method, samples: chosen.length})
  const tools: Tools = {...options.tools, prompts: (task) => prompts.get(task)!}
  const {judgements, stopped} = await judgeAll(shuffled(chosen), card, tools, options)
  const earlier = options.isWriting ? await earlierJudgements(folder, card) : new Map<string, Judgement>()
  const ordered = items.flatMap((item) => judgements.get(item) ?? earlier.get(keyOf(item)) ?? [])
  if (options.isWriting) await writeJudgements(folder, card, ordered)
  const tasks = manifest.tasks.map(({name}) =>
    summarizeJudgements(
      name,
      items.filter(({task}) => task === name).length,
      ordered.filter(({task}) => task === name),
      manifest.seed,
    ),
  )
  return {folder, card, tasks, stopped}
}

/** So many samples without one reply, and it is the judge that is wrong, not the samples. */
const HOPELESS_SAMPLES = 10

/** What the same judge said before, in the same words and with as many votes: it stays for samples that were not asked now. */
async function earlierJudgements(folder: string, card: JudgeCard): Promise<ReadonlyMap<string, Judgement>> {
  const before = (await readJudges(folder)).find(({id}) => id === card.id)
  const judgements = new Map<string, Judgement>()
  if (before === undefined || before.votes !== card.votes) return judgements
  for await (const judgement of readJudgements(folder)) {
    const {task, judge} = judgement
    const isSame = judge === card.id && before.prompts[task]?.digest === card.prompts[task]?.digest
    if (isSame) judgements.set(keyOf(judgement), judgement)
  }
  return judgements
}

/** Ends a run in which nothing comes back from the beginning: a wrong address, a request that the server does not take. */
function hopelessness(): (judgement: Judgement) => void {
  let lost = 0
  let hasReply = false
  return (judgement) => {
    if (hasReply || judgement.votes.length === 0) return
    if (judgement.status !== 'failed' && judgement.status !== 'timed-out') {
      hasReply = true
      return
    }
    lost += 1
    if (lost < HOPELESS_SAMPLES) return
    throw new SlmError(
      'judge-unreachable',
      `none of the first ${lost} samples was judged: ${judgement.why}`,
      {
        hint: 'Check --base-url, --judge-model, the network and --response-format; replies that came are kept.',
      },
    )
  }
}

async function judgeAll(
  items: readonly JudgedPair[],
  card: JudgeCard,
  tools: Tools,
  {method, parallel, signal, onEvent}: JudgeRunOptions,
): Promise<{readonly judgements: ReadonlyMap<JudgedPair, Judgement>; readonly stopped: string | undefined}> {
  const judgements = new Map<JudgedPair, Judgement>()
  const refuseHopeless = hopelessness()
  const rest = items.values()
  let stopped: string | undefined
  let failure: unknown
  const work = async (): Promise<void> => {
    // One iterator for all workers: each takes the next sample.
    for (const item of rest) {
      if (signal.aborted) stopped ??= 'interrupted'
      if (stopped !== undefined || failure !== undefined) return
      try {
        const judgement = await judgeItem(item, method, card, tools)
        judgements.set(item, judgement)
        refuseHopeless(judgement)
        onEvent({kind: 'sample', isJudged: judgement.status === 'judged'})
      } catch (error) {
        if (error instanceof JudgingStopped) stopped ??= error.message
        else failure ??= error
      }
    }
  }
  await Promise.all(Array.from({length: parallel}, work))
  if (failure !== undefined) throw failure
  return {judgements, stopped}
}
