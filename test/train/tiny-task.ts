import {cpSync, mkdirSync, mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {seededRandom} from '../../src/stats/random.ts'

/** Tasks on short words: enough to learn by heart in seconds, with the byte tokenizer. */
const taskYaml = (name: string, answer: string): string => `name: ${name}
title: Words
version: 1
description: Says a word in another way.
origin: this test
licence: CC0-1.0
source:
  kind: files
  splits: {train: [train.jsonl], dev: [dev.jsonl]}
  split: dev
columns:
  id: id
  fields: {text: text}
  references: ${answer}
prompt:
  template: "{text}>"
  truncate: {field: text, side: left}
maxNewTokens: 8
metrics: [exact]
primary: exact
`

type Settings = Readonly<Record<string, unknown>>

/**
 * A new folder with two tasks (`task.yaml`, named backwards, and `copy.yaml`, named copy), their rows and a byte
 * tokenizer, and the YAML of a training of the first. `more`: further settings, or how they follow from the folder.
 */
export function tinyTraining(network: string, more: Settings | ((folder: string) => Settings) = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'slm-train-'))
  const {below} = seededRandom(1)
  const words = Array.from({length: 64}, () =>
    Array.from({length: 1 + below(4)}, () => 'abcd'[below(4)]).join(''),
  )
  const rows = (from: number, to: number): string =>
    words
      .slice(from, to)
      .map((text, id) => `${JSON.stringify({id, text, answer: [...text].reverse().join(''), same: text})}\n`)
      .join('')
  writeFileSync(join(folder, 'task.yaml'), taskYaml('backwards', 'answer'))
  writeFileSync(join(folder, 'copy.yaml'), taskYaml('copy', 'same'))
  writeFileSync(join(folder, 'train.jsonl'), rows(0, 48))
  writeFileSync(join(folder, 'dev.jsonl'), rows(40, 64))
  const tokenizer = join(folder, 'tokenizer')
  mkdirSync(tokenizer)
  const shipped = fileURLToPath(new URL('../../checkpoints/demo-enc-dec/', import.meta.url))
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'])
    cpSync(join(shipped, name), join(tokenizer, name))
  const config = join(folder, 'train.yaml')
  const settings = {
    tasks: [join(folder, 'task.yaml')],
    tokenizer,
    steps: 12,
    batchSize: 8,
    threads: 1,
    logEvery: 1,
    saveEvery: 2,
    ...(typeof more === 'function' ? more(folder) : more),
  }
  writeFileSync(config, `${JSON.stringify({...settings, network: JSON.parse(network)}, null, 1)}\n`)
  return {folder, config, tokenizer}
}

export const ENC_DEC_NETWORK =
  '{"arch":"enc-dec","encoderLayers":1,"decoderLayers":1,"width":32,"heads":2,"headSize":16}'
export const DEC_ONLY_NETWORK = '{"arch":"dec-only","layers":2,"width":32,"heads":2,"headSize":16}'
