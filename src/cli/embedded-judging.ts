import {access} from 'node:fs/promises'
import {join} from 'node:path'
import {judgeConfigSchema} from '../config/judge-config.ts'
import {shippedJudges} from '../inference/shipped-checkpoints.ts'
import {EMBEDDED_JUDGE} from '../judge/open-judge.ts'
import {readJudgements, readJudges} from '../store/judgement-files.ts'
import {readRun} from '../store/read-run.ts'
import {judgeAndTell} from './judge-and-tell.ts'

/** Samples of each task that it is asked about, a random subset: a table should not wait long for a miniature judge. */
const SAMPLES = 200

/**
 * Lets the judge that ships with the program score what no judge has scored, so that RG is filled without network or key.
 * Where another judge has scored one of the runs, a table shows that one, and nothing is done here. Nor where none is shipped.
 */
export async function fillByEmbeddedJudge(
  folders: readonly string[],
  {threads, isQuiet}: {readonly threads: number | undefined; readonly isQuiet: boolean},
): Promise<void> {
  if (!(await shippedJudges()).includes(EMBEDDED_JUDGE)) return
  const finished: string[] = []
  for (const folder of folders) if (await isFinished(folder)) finished.push(folder)
  const cards = (await Promise.all(finished.map(readJudges))).flat()
  const isOther = cards.some(({method, judge}) => method !== 'pairwise' && !isEmbedded(judge))
  if (isOther) return
  const open: string[] = []
  for (const folder of finished) if (!(await isFilled(folder))) open.push(folder)
  if (open.length === 0) return
  const config = judgeConfigSchema.parse({
    limit: SAMPLES,
    // What it could not judge stands in the table; it is no failure of the comparison.
    maxFailedShare: 1,
    ...(threads === undefined ? {} : {threads}),
  })
  await judgeAndTell(open, config, isQuiet)
}

function isEmbedded(judge: Awaited<ReturnType<typeof readJudges>>[number]['judge']): boolean {
  return judge.kind === 'checkpoint' && judge.name === EMBEDDED_JUDGE
}

async function isFinished(folder: string): Promise<boolean> {
  return access(join(folder, 'summary.json')).then(
    () => true,
    () => false,
  )
}

/** Whether as many samples of each task are judged as are asked for: an interrupted judging is done again. */
async function isFilled(folder: string): Promise<boolean> {
  const counts = new Map<string, number>()
  for await (const {task, method} of readJudgements(folder))
    if (method !== 'pairwise') counts.set(task, (counts.get(task) ?? 0) + 1)
  const tasks = (await readRun(folder)).summary?.tasks ?? []
  return tasks.every(({task, scored}) => (counts.get(task) ?? 0) >= Math.min(SAMPLES, scored))
}
