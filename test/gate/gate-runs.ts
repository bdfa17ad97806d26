import {mkdirSync, mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {digestOf} from '../../src/config/canonical-json.ts'
import {type Manifest, manifestSchema, planDigest, RUN_FORMAT} from '../../src/store/manifest.ts'
import type {SampleRecord, ScoredRecord} from '../../src/store/record.ts'
import {recordLine} from '../../src/store/record-line.ts'

export type TaskPart = Manifest['tasks'][number]

/** A sample as a test wants it: its score in every metric, or its stage of failure, or parts of a record. */
export type SampleDraft = number | 'failed' | (Partial<ScoredRecord> & {readonly score?: number})

export interface RunDraft {
  readonly tasks: Readonly<Record<string, readonly SampleDraft[]>>
  readonly metrics?: readonly string[]
  /** Changes to every task's part of the manifest. */
  readonly task?: Partial<TaskPart>
  readonly manifest?: Partial<Manifest>
  readonly isFinished?: boolean
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'slm-gate-'))
}

/** Writes a run folder, for a finished run with a summary that holds no metrics: a gate must not read them. */
export function writeRun(draft: RunDraft, folder: string = join(temporaryFolder(), 'run')): string {
  const {metrics = ['rougeL'], isFinished = true} = draft
  const names = Object.keys(draft.tasks)
  const plan = {
    model: {name: './model', architecture: 'enc-dec', dtype: 'fp32', digest: digestOf('model')} as const,
    tokenizer: {digest: digestOf('tokenizer')},
    tasks: names.map((name) => ({...taskPart(name, metrics), ...draft.task})),
    seed: 0,
    device: 'cpu',
    exact: false,
    batching: {kind: 'exact'} as const,
    poolRows: 1024,
    versions: {slm: '0.1.0', onnxruntime: '1.30.0', transformers: '4.3.1'},
  }
  const manifest = manifestSchema.parse({
    format: RUN_FORMAT,
    planDigest: planDigest(plan),
    ...plan,
    machine: {platform: 'linux', cpu: 'test'},
    ...draft.manifest,
  })
  mkdirSync(folder, {recursive: true})
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  const records = names.flatMap((name) =>
    (draft.tasks[name] ?? []).map((sample, index) => recordOf(name, index, sample, metrics)),
  )
  writeFileSync(join(folder, 'samples.jsonl'), records.map(recordLine).join(''))
  if (isFinished) {
    const summary = {planDigest: manifest.planDigest, tasks: [], notes: []}
    writeFileSync(join(folder, 'summary.json'), `${JSON.stringify(summary)}\n`)
  }
  return folder
}

function taskPart(name: string, metrics: readonly string[]): TaskPart {
  return {
    name,
    version: 1,
    digest: digestOf(name),
    promptDigest: digestOf('prompt'),
    data: {source: `/somewhere/${name}.jsonl`, split: 'test', digest: digestOf('data')},
    chat: false,
    truncation: 'error',
    generation: {max_new_tokens: 8, num_beams: 1, do_sample: false},
    stopStrings: [],
    metrics: metrics.map((id) => ({id, version: 1})),
  }
}

function recordOf(
  task: string,
  index: number,
  sample: SampleDraft,
  metrics: readonly string[],
): SampleRecord {
  const id = `${task}-${index}`
  if (sample === 'failed')
    return {status: 'failed', task, id, index, promptTokens: 3, stage: 'decode', error: 'it broke'}
  const {score = 0, ...parts} = typeof sample === 'number' ? {score: sample} : sample
  return {
    status: 'scored',
    task,
    id,
    index,
    prompt: 'say it',
    promptIds: [1, 2, 3],
    newIds: [7, 8, 2],
    text: `answer of ${score}`,
    answer: `answer of ${score}`,
    references: ['the reference'],
    scores: Object.fromEntries(metrics.map((metric) => [metric, score])),
    finish: 'end-token',
    truncatedTokens: 0,
    timing: {firstTokenMs: 10, totalMs: 30},
    ...parts,
  }
}
