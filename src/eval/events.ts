import type {Architecture} from '../engine/language-model.ts'

/** What a run tells while it goes on. The runner never prints: a reporter may listen. */
export type EvalEvent =
  | {readonly kind: 'opening'; readonly model: string}
  /** A file of a checkpoint of the hub; `bytes` where the hub says. */
  | {readonly kind: 'downloading'; readonly path: string; readonly bytes: number | undefined}
  | {
      readonly kind: 'opened'
      readonly model: string
      readonly architecture: Architecture
      readonly dtype: string
      readonly device: string
      readonly threads: number
    }
  | {
      readonly kind: 'started'
      readonly folder: string
      /** Samples in the plan, in all tasks. */
      readonly planned: number
      /** Of these, already on disk. */
      readonly done: number
    }
  | {readonly kind: 'task'; readonly task: string; readonly planned: number}
  /** So many more prompts were made; the next pool's are made while the model answers. */
  | {readonly kind: 'prompts'; readonly task: string; readonly prompts: number}
  /** One sample was answered or failed; it is not yet on disk. */
  | {readonly kind: 'sample'; readonly task: string; readonly isFailed: boolean}
  /** Tokens chosen since the last such event. */
  | {readonly kind: 'tokens'; readonly newTokens: number}
  /** A group of samples is on disk. */
  | {readonly kind: 'stored'; readonly done: number; readonly planned: number}
  | {readonly kind: 'batch-size'; readonly from: number; readonly to: number; readonly why: string}
  | {readonly kind: 'note'; readonly text: string}

export type OnEvent = (event: EvalEvent) => void
