import {readFileSync} from 'node:fs'
import type {Dtype} from '../src/engine/language-model.ts'

/** What one measured process does. */
export interface TaskJob {
  readonly folder: string
  readonly dtype: Dtype
  readonly prompts: string
  readonly batchSize: number
  readonly maxNewTokens: number
  /** Ids that end a row; the checkpoint's own where absent. */
  readonly endTokens?: readonly number[]
  readonly threads: number
}

/** Reads the job whose file is the first argument. */
export function readJob(): TaskJob {
  return JSON.parse(readFileSync(process.argv[2]!, 'utf8'))
}

export function readPrompts(text: string): readonly (readonly number[])[] {
  return text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as {ids: number[]}).ids) // written by the caller of the benchmark
}

/** Peak resident memory of this process in bytes, as Linux counts it; elsewhere what Node knows of now. */
export function peakBytes(): number {
  try {
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))
    return Number(peak![1]) * 1024
  } catch {
    return process.memoryUsage().rss
  }
}
