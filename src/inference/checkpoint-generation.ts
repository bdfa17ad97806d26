import {readFile} from 'node:fs/promises'
import type {GenerationSettings} from '../decode/generation-settings.ts'
import {type GenerationFlags, resolveGeneration} from '../decode/resolve-generation.ts'
import {readCheckpointConfig} from '../engine/checkpoint-config.ts'
import type {ModelFacts} from '../engine/language-model.ts'
import {SlmError} from '../errors.ts'

export interface GenerationRequest {
  /** The checkpoint's folder. */
  readonly folder: string
  readonly facts: ModelFacts
  /** As `--generation` takes it: `checkpoint`, a JSON file's name, JSON text, or an object of keys. */
  readonly generation: string | Readonly<Record<string, unknown>> | undefined
  readonly flags: GenerationFlags
  readonly defaultMaxNewTokens: number
}

/** Every setting of the search in force for one checkpoint. Errors: `generation-*`, naming the key. */
export async function generationFor(request: GenerationRequest): Promise<GenerationSettings> {
  const config = await readCheckpointConfig(request.folder)
  const useCheckpointSearch = request.generation === 'checkpoint'
  return resolveGeneration({
    checkpoint: config.generation ?? config.genai?.['search'],
    config: config.model,
    tokens: request.facts.tokens,
    user: useCheckpointSearch ? undefined : await userKeys(request.generation),
    flags: request.flags,
    useCheckpointSearch,
    defaultMaxNewTokens: request.defaultMaxNewTokens,
  })
}

async function userKeys(generation: GenerationRequest['generation']): Promise<unknown> {
  if (typeof generation !== 'string') return generation
  const isInline = generation.trimStart().startsWith('{')
  const source = isInline ? '--generation' : generation
  const text = isInline ? generation : await readText(generation)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SlmError(
      'generation-not-json',
      `${source} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: `Give 'checkpoint', a JSON file, or JSON such as '{"no_repeat_ngram_size":2}'.`,
        cause,
      },
    )
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new SlmError('generation-file-missing', `--generation ${file}: no such file`, {
      hint: `Give 'checkpoint', a JSON file, or JSON such as '{"no_repeat_ngram_size":2}'.`,
      cause,
    })
  }
}
