import {mkdirSync, mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {digestOf} from '../../src/config/canonical-json.ts'
import {type Manifest, type Plan, planDigest, RUN_FORMAT} from '../../src/store/manifest.ts'
import type {SampleRecord} from '../../src/store/record.ts'
import {recordLine} from '../../src/store/record-line.ts'

type TaskPart = Manifest['tasks'][number]

/** A run as a test wants it; what is left out has a plain default. */
export interface RunDraft {
  readonly model: string
  readonly architecture?: 'enc-dec' | 'dec-only'
  readonly dtype?: string
  readonly card?: Manifest['model']['card']
  /** Task name to its ROUGE-L values; `failed` and `no-reference` make records of that kind. */
  readonly tasks: Readonly<Record<string, readonly (number | 'failed' | 'no-reference')[]>>
  /** Changes to every task's part of the manifest. */
  readonly task?: Partial<TaskPart>
  readonly batching?: Manifest['batching']
  readonly shard?: Plan['shard']
  readonly missingShards?: readonly number[]
  readonly isFinished?: boolean
}

const GENERATION = {
  max_new_tokens: 32,
  num_beams: 1,
  do_sample: false,
  temperature: 1,
  top_k: 50,
  eos_token_id: [2],
}

/** Writes `folder/manifest.json`, samples.jsonl and, for a finished run, summary.json. Returns the folder. */
export function writeRun(folder: string, draft: RunDraft): string {
  const plan = planOf(draft)
  const manifest = {
    format: RUN_FORMAT,
    planDigest: planDigest(plan),
    ...plan,
    ...(draft.missingShards === undefined ? {} : {missingShards: draft.missingShards}),
    machine: {cpu: 'test'},
  }
  const records = Object.entries(draft.tasks).flatMap(([task, values]) =>
    values.map((value, index) => recordOf(task, index, value)),
  )
  mkdirSync(folder, {recursive: true})
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  writeFileSync(join(folder, 'samples.jsonl'), records.map(recordLine).join(''))
  if (draft.isFinished ?? true)
    writeFileSync(
      join(folder, 'summary.json'),
      `${JSON.stringify(summaryOf(manifest.planDigest, draft), null, 2)}\n`,
    )
  return folder
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'slm-report-'))
}

function planOf({
  model,
  architecture = 'enc-dec',
  dtype = 'fp32',
  card,
  tasks,
  task,
  batching,
  shard,
}: RunDraft): Plan {
  return {
    model: {
      name: model,
      architecture,
      dtype,
      digest: digestOf({model, dtype}),
      ...(card === undefined ? {} : {card}),
    },
    tokenizer: {digest: digestOf('tokenizer')},
    tasks: Object.keys(tasks).map((name) => ({
      name,
      version: 1,
      digest: digestOf({definition: name}),
      promptDigest: digestOf({prompt: name}),
      data: {source: `${name}/test.jsonl`, split: 'test', digest: digestOf({data: name})},
      chat: false,
      truncation: 'middle',
      generation: GENERATION,
      stopStrings: [],
      metrics: [{id: 'rougeL', version: 1}],
      ...task,
    })),
    seed: 0,
    device: 'cpu',
    exact: false,
    batching: batching ?? {kind: 'exact'},
    poolRows: 1024,
    versions: {slm: '0.1.0', onnxruntime: '1.30.0', transformers: '4.3.1'},
    ...(shard === undefined ? {} : {shard}),
  }
}

function recordOf(task: string, index: number, value: number | 'failed' | 'no-reference'): SampleRecord {
  const id = `${task}-${index}`
  if (value === 'failed')
    return {status: 'failed', task, id, index, promptTokens: 0, stage: 'data', error: 'no column question'}
  return {
    status: 'scored',
    task,
    id,
    index,
    prompt: `prompt ${index}`,
    promptIds: [5, 6, 7 + index],
    newIds: [8, 2],
    text: `answer ${index}`,
    answer: `answer ${index}`,
    references: value === 'no-reference' ? [] : [`reference ${index}`],
    scores: value === 'no-reference' ? {} : {rougeL: value},
    finish: index % 5 === 4 ? 'length' : 'end-token',
    truncatedTokens: index % 7 === 6 ? 3 : 0,
    timing: {firstTokenMs: 1, totalMs: 2},
  }
}

/** Counts as a finished run has them; the values of its metrics are wrong on purpose, because nobody may read them. */
function summaryOf(digest: string, {tasks}: RunDraft): object {
  return {
    planDigest: digest,
    tasks: Object.entries(tasks).map(([task, values]) => ({
      task,
      planned: values.length,
      scored: values.filter((value) => value !== 'failed').length,
      failed: {
        total: values.filter((value) => value === 'failed').length,
        data: 0,
        prompt: 0,
        decode: 0,
        score: 0,
      },
      metrics: {rougeL: {value: 0.123456, low: 0.1, high: 0.2, count: 1}},
      truncated: {rows: 0, tokens: 0},
      finish: {'end-token': 0, 'stop-string': 0, length: 0},
      promptTokens: 0,
      newTokens: 0,
      notes: [],
    })),
    notes: [],
  }
}
