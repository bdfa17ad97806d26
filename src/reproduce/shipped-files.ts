import {readdir, readFile} from 'node:fs/promises'
import {basename, isAbsolute, join, relative} from 'node:path'
import {stringify} from 'yaml'
import {z} from 'zod'
import {SlmError} from '../errors.ts'
import {DTYPE_SUFFIX} from '../onnx/checkpoint/write-checkpoint.ts'
import type {ShipOptions} from './ship-cells.ts'
import type {StepTraining} from './step.ts'

/** What stands beside the graphs in a checkpoint. */
const BESIDE = /^(generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens)\.json$/
const TRAINING = 'training'
/** Lines of the log that are kept: evaluations, and steps of which every so many. */
const STEPS_A_LINE = 50

const suffixes: Readonly<Record<string, string>> = DTYPE_SUFFIX
const configSchema = z.looseObject({})
const logSchema = z.looseObject({kind: z.string(), step: z.number()})

/** Everything that is shipped of a checkpoint: bytes by path. Reads the disk. Errors: `ship-missing`. */
export async function shippedFiles(
  training: StepTraining,
  options: ShipOptions,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const {folder} = training
  const names: readonly string[] = await readdir(folder)
  const files = new Map<string, Uint8Array>()
  const add = (path: string, text: string): void => void files.set(path, Buffer.from(text))
  const read = (...path: readonly string[]): Promise<string> => readFile(join(folder, ...path), 'utf8')
  for (const name of await graphsOf(folder, options.dtype))
    files.set(join('onnx', name), await readFile(join(folder, 'onnx', name)))
  for (const name of names.filter((each) => BESIDE.test(each))) add(name, await read(name))
  add('config.json', configFor(await read('config.json'), options.dtype))
  add(join(TRAINING, 'train.yaml'), portableConfig(training))
  add(join(TRAINING, 'log.jsonl'), compactLog(await read(TRAINING, 'log.jsonl')))
  add(join(TRAINING, 'loss.svg'), await read(TRAINING, 'loss.svg'))
  const card = names.includes('README.md') ? await read('README.md') : `# ${training.cell}\n`
  add('README.md', `${card.trimEnd()}\n\n${origin(training, options)}`)
  return files
}

async function graphsOf(folder: string, dtype: string): Promise<readonly string[]> {
  const suffix = suffixes[dtype] ?? ''
  const all: readonly string[] = await readdir(join(folder, 'onnx'))
  const others = Object.values(suffixes).filter((each) => each !== '' && each !== suffix)
  const found = all.filter((name) => {
    const stem = name.replace(/\.onnx(_data)?$/, '')
    return stem.endsWith(suffix) && !others.some((other) => stem.endsWith(other))
  })
  if (found.length > 0) return found
  throw new SlmError('ship-missing', `${folder} has no ${dtype} graphs`, {
    hint: `Write them with: slm model quantize ${folder} --dtype ${dtype}`,
  })
}

/** Other tools look for the default dtype's files, so it is the one that is shipped. */
function configFor(text: string, dtype: string): string {
  const config = configSchema.parse(JSON.parse(text))
  const block = configSchema.parse(config['transformers.js_config'] ?? {})
  return `${JSON.stringify({...config, 'transformers.js_config': {...block, dtype}}, null, 2)}\n`
}

function compactLog(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines
    .filter((line, at) => {
      const {kind, step} = logSchema.parse(JSON.parse(line))
      return kind !== 'step' || step % STEPS_A_LINE === 0 || at === 0 || at === lines.length - 1
    })
    .map((line) => `${line}\n`)
    .join('')
}

/** The configuration of the training with paths that mean something elsewhere. */
function portableConfig({config, folder}: StepTraining): string {
  const place = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(place)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, place(part)]))
    return typeof value === 'string' && isAbsolute(value) ? portablePath(value, folder) : value
  }
  return `# Paths are those of a reproduction in this folder; data files that lay elsewhere are named alone.\n${stringify(place(config))}`
}

/** Relative where it lies near the checkpoint, otherwise the file's own name. */
function portablePath(path: string, folder: string): string {
  const near = relative(join(folder, '..', '..'), path)
  return near.startsWith('..') || isAbsolute(near) ? basename(path) : near
}

/** How the checkpoint came about, for its README. */
function origin({cell, seed}: StepTraining, {dtype, command, named}: ShipOptions): string {
  const files = Object.entries(named).map(([file, digest]) => `- ${file}: sha256 \`${digest}\``)
  return [
    `## How it was made`,
    `Cell \`${cell}\`, seed ${seed}, weights as ${dtype}. Made by \`${command}\`; this cell alone: \`slm model train --config training/train.yaml\`.`,
    ...(files.length === 0 ? [] : [`Data files that were named:\n${files.join('\n')}`]),
  ]
    .join('\n\n')
    .concat('\n')
}
