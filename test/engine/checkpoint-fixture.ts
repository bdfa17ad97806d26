import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {decodeAll} from '../../src/decode/decode-all.ts'
import type {LanguageModel} from '../../src/engine/language-model.ts'
import {generationFor} from '../../src/inference/checkpoint-generation.ts'
import type {DecodedRow} from '../../src/inference/protocol.ts'

type Settings = Readonly<Record<string, unknown>>
type Top = readonly (readonly [id: number, logit: number])[]

/** What the reference gives for one prompt; `README.md` beside the folders says how it was made. */
export interface ExpectedCase {
  readonly label: string
  readonly greedy: readonly number[]
  readonly finish: 'eos' | 'length'
  readonly logprob: number
  readonly top: readonly Top[]
  readonly beam4: readonly number[]
  readonly beam4Score: number
}

export interface Expected {
  readonly kind: 'enc-dec' | 'dec-only'
  readonly prompts: readonly {readonly label: string; readonly ids: readonly number[]}[]
  readonly cases?: readonly ExpectedCase[]
  readonly processors?: readonly {
    readonly source: string
    readonly settings: Settings
    readonly ids: readonly number[]
  }[]
  readonly otherBeams?: readonly {
    readonly source: string
    readonly settings: Settings
    readonly ids: readonly (readonly number[])[]
    readonly scores: readonly number[]
  }[]
  readonly variants?: Readonly<
    Record<string, readonly Pick<ExpectedCase, 'label' | 'greedy' | 'top'>[] | undefined>
  >
}

export function fixtureFolder(name: string): string {
  return fileURLToPath(new URL(`../fixtures/checkpoints/${name}`, import.meta.url))
}

export function readExpected(name: string): Expected {
  return JSON.parse(readFileSync(`${fixtureFolder(name)}/expected.json`, 'utf8'))
}

export type Decoded = Extract<DecodedRow, {kind: 'decoded'}>

/** Decodes prompts with the checkpoint's own token settings, as `slm generate` does; rows in the order of the prompts. */
export async function decodePrompts(
  folder: string,
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  asked: {readonly settings?: Settings; readonly batchSize?: number} = {},
): Promise<Decoded[]> {
  const generation = await generationFor({
    folder,
    facts: model.facts,
    generation: asked.settings,
    flags: {},
    defaultMaxNewTokens: 24,
  })
  const rows: Decoded[] = []
  const requests = prompts.map((promptIds, key) => ({key, promptIds, seed: key}))
  const options = {generation, batchSize: asked.batchSize ?? 1, topLogits: 5, stopStrings: [], seed: 0}
  for await (const event of decodeAll(model, requests, options)) {
    if (event.kind !== 'row') continue
    if (event.row.kind === 'failed') throw new Error(event.row.error)
    rows[event.row.key] = event.row
  }
  return rows
}
