import {mkdtempSync, writeFileSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type JudgeConfig, judgeConfigSchema} from '../../src/config/judge-config.ts'
import type {JudgeEvent} from '../../src/judge/events.ts'
import type {JudgeRunsOptions} from '../../src/judge/judge-runs.ts'
import {fileReplyCache} from '../../src/judge/reply-cache.ts'
import type {Judgement} from '../../src/store/judgement.ts'
import {recordLine} from '../../src/store/record-line.ts'
import {writeRun} from '../report/run-folder.ts'

export interface Answered {
  readonly answer: string
  readonly references: readonly string[]
  readonly question?: string
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'slm-judge-'))
}

/** A finished run of these answers, all of one task. */
export function runOf(samples: readonly Answered[], task = 'squad', model = 'tiny'): string {
  const folder = writeRun(join(newFolder(), 'run'), {model, tasks: {[task]: samples.map(() => 0.5)}})
  const lines = samples.map(({answer, references, question}, index) =>
    recordLine({
      status: 'scored',
      task,
      id: `${task}-${index}`,
      index,
      prompt: `Answer the following question based only on the context.\n###Question\n${question ?? `question ${index}?`}\n###Context\na passage\n###Answer\n`,
      promptIds: [5, 6, 7],
      newIds: [8, 2],
      text: answer,
      answer,
      references,
      scores: {rougeL: 0.5},
      finish: 'end-token',
      truncatedTokens: 0,
      timing: {firstTokenMs: 1, totalMs: 2},
    }),
  )
  writeFileSync(join(folder, 'samples.jsonl'), lines.join(''))
  return folder
}

export function settings(over: Readonly<Record<string, unknown>>): JudgeConfig {
  return judgeConfigSchema.parse({judgeModel: 'judge', ...over})
}

/** What judging needs, without waiting and with a cache of its own. */
export function environment(
  over: Partial<JudgeRunsOptions> = {},
): JudgeRunsOptions & {readonly events: JudgeEvent[]; readonly waits: number[]} {
  const events: JudgeEvent[] = []
  const waits: number[] = []
  return {
    key: undefined,
    cache: fileReplyCache(join(newFolder(), 'cache')),
    fetch,
    nowMs: () => 0,
    wait: async (ms) => void waits.push(ms),
    random: () => 0.5,
    signal: new AbortController().signal,
    stopNow: new AbortController().signal,
    onEvent: (event) => events.push(event),
    events,
    waits,
    ...over,
  }
}

export async function judgementsOf(folder: string): Promise<Judgement[]> {
  const text = await readFile(join(folder, 'judgements.jsonl'), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
