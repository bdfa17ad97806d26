import type {GenerateConfig} from '../config/generate-config.ts'
import {generationFor} from '../inference/checkpoint-generation.ts'
import {openInference} from '../inference/inference.ts'
import type {ResolvedModel} from '../inference/resolve-model.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import {type GeneratedRow, type GenerateProgress, generateRows} from './generate-rows.ts'
import {promptRows} from './prompt-rows.ts'

/** New tokens of a prompt where nothing names a length. */
const DEFAULT_MAX_NEW_TOKENS = 64

export interface GenerateHooks {
  readonly input: NodeJS.ReadableStream
  readonly signal: AbortSignal
  readonly onProgress: (progress: GenerateProgress) => void
  /** Whether the numbers of this file can depend on the batch, and why; told once, before the first row. */
  readonly onOpen: (notes: readonly string[]) => void
}

/** Opens the model and decodes the prompts; rows come in the order of the file. */
export async function* generate(
  model: ResolvedModel,
  config: GenerateConfig,
  hooks: GenerateHooks,
): AsyncGenerator<GeneratedRow, void, void> {
  const {dtype, device, threads, exact, prefixCache} = config
  const tokenizer = await openTokenizer(model.folder)
  const inference = await openInference({...model, dtype, device, threads, exact, prefixCache})
  try {
    const {facts} = inference
    hooks.onOpen([...(facts.batching.kind === 'inexact' ? [facts.batching.why] : []), ...facts.notes])
    const generation = await generationFor({
      folder: model.folder,
      facts,
      generation: config.generation,
      flags: given({
        maxNewTokens: config.maxNewTokens,
        numBeams: config.numBeams,
        temperature: config.temperature,
        topK: config.topK,
        topP: config.topP,
      }),
      defaultMaxNewTokens: DEFAULT_MAX_NEW_TOKENS,
    })
    const options = {
      generation,
      batchSize: config.batchSize,
      topLogits: config.topLogits,
      stopStrings: config.stop,
      seed: config.seed,
    }
    const {signal, onProgress} = hooks
    yield* generateRows(promptRows(config.prompts, hooks.input), {
      inference,
      tokenizer,
      chat: config.chat,
      options,
      signal,
      onProgress,
    })
  } finally {
    await inference.close()
  }
}

/** The object without its undefined values. */
function given<T extends Record<string, number | undefined>>(values: T): {[K in keyof T]?: number} {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as {[K in keyof T]?: number} // the same keys, without those that are undefined
}
