import {mkdtemp} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Plan} from '../../src/store/manifest.ts'
import type {FailedRecord, ScoredRecord} from '../../src/store/record.ts'

const HEX = '0123456789abcdef'.repeat(4)

/** A plan of two small tasks, pools of four rows. */
export const plan: Plan = {
  model: {name: './tiny', architecture: 'dec-only', dtype: 'fp32', digest: HEX},
  tokenizer: {digest: HEX},
  tasks: ['first', 'second'].map((name) => ({
    name,
    version: 1,
    digest: HEX,
    promptDigest: HEX,
    data: {source: `${name}.jsonl`, split: 'test', digest: HEX},
    chat: false,
    truncation: 'error',
    generation: {max_new_tokens: 8},
    stopStrings: [],
    metrics: [{id: 'rougeL', version: 1}],
  })),
  seed: 0,
  device: 'cpu',
  exact: false,
  batching: {kind: 'exact'},
  poolRows: 4,
  versions: {slm: '0.1.0', onnxruntime: '1.30.0', transformers: '4.3.1'},
}

export function scored(task: string, index: number, promptTokens = 3): ScoredRecord {
  return {
    status: 'scored',
    task,
    id: `${task}-${index}`,
    index,
    prompt: 'say it',
    promptIds: Array.from({length: promptTokens}, (_, token) => token),
    newIds: [7, 2],
    text: 'it \u2028 \u{1F600}',
    answer: 'it',
    references: ['it'],
    scores: {rougeL: 1},
    finish: 'end-token',
    truncatedTokens: 0,
    timing: {firstTokenMs: 1.5, totalMs: 2.5},
  }
}

export function failed(task: string, index: number): FailedRecord {
  return {
    status: 'failed',
    task,
    id: `${task}-${index}`,
    index,
    promptTokens: 0,
    stage: 'data',
    error: 'no text',
  }
}

export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'slm-store-'))
}
