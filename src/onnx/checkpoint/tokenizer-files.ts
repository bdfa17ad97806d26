import {copyFileSync, existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {z} from 'zod'
import {SlmError} from '../../errors.ts'

const FILES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json']

const tokenSchema = z.union([z.string(), z.object({content: z.string()})])
const configSchema = z.object({bos_token: tokenSchema.nullish(), eos_token: tokenSchema.nullish()})
const vocabularySchema = z.union([
  z.record(z.string(), z.number()),
  z.array(z.tuple([z.string(), z.number()]).rest(z.unknown())),
])
const tokenizerSchema = z.object({
  added_tokens: z.array(z.object({id: z.int(), content: z.string()})).default([]),
  model: z.object({vocab: vocabularySchema}),
})

/** What a checkpoint must know about its tokenizer. */
export interface TokenizerFacts {
  /** One more than the largest id. */
  readonly vocabulary: number
  readonly begin: number | undefined
  readonly end: number | undefined
}

/** Reads a tokenizer's files in a folder on disk, as far as its special tokens and size. */
export function readTokenizerFacts(folder: string): TokenizerFacts {
  const path = join(folder, 'tokenizer.json')
  if (!existsSync(path))
    throw new SlmError('tokenizer-missing', `${path} is missing`, {
      hint: 'Give the folder of the tokenizer that the weights were trained with: --tokenizer DIR',
    })
  const {added_tokens: added, model} = read(path, tokenizerSchema)
  const vocabulary: (readonly [string, number])[] = Array.isArray(model.vocab)
    ? model.vocab.map(([token], id) => [token, id] as const)
    : Object.entries(model.vocab)
  const ids = new Map([...vocabulary, ...added.map(({content, id}) => [content, id] as const)])
  const configPath = join(folder, 'tokenizer_config.json')
  const config = existsSync(configPath) ? read(configPath, configSchema) : {}
  const idOf = (token: z.infer<typeof tokenSchema> | null | undefined): number | undefined =>
    token ? ids.get(typeof token === 'string' ? token : token.content) : undefined
  return {
    vocabulary: [...ids.values()].reduce((largest, id) => Math.max(largest, id), -1) + 1,
    begin: idOf(config.bos_token),
    end: idOf(config.eos_token),
  }
}

/** Copies the tokenizer's files from folder to folder; returns their names. */
export function copyTokenizer(from: string, to: string): readonly string[] {
  const present = FILES.filter((name) => existsSync(join(from, name)))
  for (const name of present) copyFileSync(join(from, name), join(to, name))
  return present
}

function read<Value>(path: string, schema: z.ZodType<Value>): Value {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new SlmError('tokenizer-broken', `${path} is not a tokenizer's file`, {cause})
  }
}
