import {mkdtemp, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type EvalConfig, evalConfigSchema} from '../../src/config/eval-config.ts'
import type {ModelFacts} from '../../src/engine/language-model.ts'
import type {EvalEvent} from '../../src/eval/events.ts'
import type {Checkpoint} from '../../src/eval/open-checkpoint.ts'
import type {DecodeEvent, DecodeRequest} from '../../src/inference/protocol.ts'
import type {Tokenizer} from '../../src/tokenizer/tokenizer.ts'

const END = 256

/** One token a byte. */
export const byteTokenizer: Tokenizer = {
  digest: '1'.repeat(64),
  vocabulary: 257,
  hasChatTemplate: false,
  encode: (text) => [...Buffer.from(text)],
  decode: (ids) => Buffer.from(ids.filter((id) => id < END)).toString('utf8'),
  chat: () => '',
}

const facts: ModelFacts = {
  name: 'echo',
  architecture: 'dec-only',
  dtype: 'fp32',
  vocabulary: 257,
  tokens: {decoderStart: undefined, begin: undefined, end: [END], pad: undefined},
  contextLength: 64,
  digest: '2'.repeat(64),
  batching: {kind: 'exact'},
  device: 'cpu',
  threads: 1,
  notes: [],
  maxRows: undefined,
  cacheBytesPerToken: 1,
}

/** Answers with the last line of the prompt; rows come in an odd order, and a prompt with an X fails. */
export async function echoCheckpoint(over: Partial<ModelFacts> = {}): Promise<Checkpoint> {
  return {
    name: 'echo',
    folder: await mkdtemp(join(tmpdir(), 'slm-echo-')),
    tokenizer: byteTokenizer,
    card: async () => ({parameters: 7, training: 'untrained'}),
    inference: {facts: {...facts, ...over}, decode: echo, close: async () => undefined},
  }
}

async function* echo(
  requests: readonly DecodeRequest[],
): AsyncGenerator<DecodeEvent, {computeMs: number; wallMs: number}, void> {
  for (const {key, promptIds} of [...requests].reverse()) {
    await Promise.resolve()
    const text = byteTokenizer.decode(promptIds)
    const newIds = [...byteTokenizer.encode(text.slice(text.lastIndexOf('\n') + 1)), END]
    if (text.includes('X')) yield {kind: 'row', row: {kind: 'failed', key, error: 'no X'}}
    else
      yield {
        kind: 'row',
        row: {
          kind: 'decoded',
          key,
          newIds,
          finish: 'end-token',
          logprob: -1,
          timing: {firstTokenMs: Math.random(), totalMs: Math.random()},
        },
      }
  }
  return {computeMs: 1, wallMs: 1}
}

export const TASK_YAML = `name: NAME
title: Test
version: 1
description: Say it again.
origin: this test
licence: CC0-1.0
source:
  kind: files
  splits: {test: [NAME.jsonl]}
  split: test
columns:
  id: id
  fields: {text: text}
  references: answer
prompt:
  template: "again\\n{text}"
  truncate: {field: text, side: left}
extract: [trim]
maxNewTokens: 16
metrics: [rougeL, exact]
primary: rougeL
`

export interface Row {
  readonly id: string
  readonly text?: string
  readonly answer: string
}

/** A folder with two tasks `one.yaml`, `two.yaml` over the rows. */
export async function taskFolder(rows: readonly Row[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slm-eval-'))
  for (const name of ['one', 'two']) {
    await writeFile(join(folder, `${name}.yaml`), TASK_YAML.replaceAll('NAME', name))
    await writeFile(join(folder, `${name}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  }
  return folder
}

export function configFor(folder: string, over: Readonly<Record<string, unknown>> = {}): EvalConfig {
  return evalConfigSchema.parse({
    model: 'echo',
    tasks: ['one', 'two'].map((name) => join(folder, `${name}.yaml`)),
    batchSize: 1,
    ...over,
  })
}

/** Options for `evaluate`: a fresh results folder, an event log, and a stop after so many stored groups. */
export async function optionsFor(stopAfterGroups = Number.POSITIVE_INFINITY, over: Partial<ModelFacts> = {}) {
  const controller = new AbortController()
  const events: EvalEvent[] = []
  let groups = 0
  return {
    signal: controller.signal,
    resultsDir: await mkdtemp(join(tmpdir(), 'slm-results-')),
    open: () => echoCheckpoint(over),
    events,
    onEvent: (event: EvalEvent) => {
      events.push(event)
      if (event.kind === 'stored' && ++groups >= stopAfterGroups) controller.abort()
    },
  }
}
