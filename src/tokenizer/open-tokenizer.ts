import {createHash} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {SlmError} from '../errors.ts'
import {isolateSplits} from './split-pieces.ts'
import type {Tokenizer} from './tokenizer.ts'

/** tokenizer.json as far as it is looked at here; the library reads the rest. */
const tokenizerJson = z.looseObject({
  model: z.looseObject({}),
  pre_tokenizer: z.unknown().optional(),
  added_tokens: z.array(z.looseObject({})).optional(),
})
const tokenizerConfig = z.looseObject({})

/**
 * Opens the tokenizer of a checkpoint folder (tokenizer.json, tokenizer_config.json, chat_template.jinja).
 * Errors: `tokenizer-missing`, `tokenizer-broken`.
 */
export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const [json, config, template] = await Promise.all([
    readOptional(join(folder, 'tokenizer.json')),
    readOptional(join(folder, 'tokenizer_config.json')),
    readOptional(join(folder, 'chat_template.jinja')),
  ])
  if (json === undefined) {
    throw new SlmError('tokenizer-missing', `${folder}: tokenizer.json is missing`, {
      hint: 'Save the fast tokenizer beside the model (AutoTokenizer.from_pretrained(...).save_pretrained(folder)), or give a folder that has one.',
    })
  }
  const model = parse(join(folder, 'tokenizer.json'), json, tokenizerJson)
  const settings =
    config === undefined ? {} : parse(join(folder, 'tokenizer_config.json'), config, tokenizerConfig)
  if (template !== undefined && settings['chat_template'] === undefined) settings['chat_template'] = template
  const digest = createHash('sha256').update(json).update('\0').update(JSON.stringify(settings)).digest('hex')
  const readable = {...model, pre_tokenizer: isolateSplits(model.pre_tokenizer ?? null)}
  return wrap(folder, readable, settings, digest)
}

async function wrap(
  folder: string,
  json: object,
  settings: Record<string, unknown>,
  digest: string,
): Promise<Tokenizer> {
  const {PreTrainedTokenizer} = await import('@huggingface/transformers')
  const inner = construct(folder, () => new PreTrainedTokenizer(json, settings))
  // The class is callable by the library's own design, but its published type does not say what it returns for these options.
  const encode = inner.encode.bind(inner)
  return {
    digest,
    vocabulary: inner.get_vocab().size,
    hasChatTemplate: settings['chat_template'] !== undefined && settings['chat_template'] !== null,
    encode: (text, options = {}) =>
      // An empty text gives what the tokenizer adds by itself, or nothing.
      encode(text, {add_special_tokens: options.addSpecialTokens ?? true}),
    decode: (ids, options = {}) =>
      ids.length === 0
        ? ''
        : inner.decode([...ids], {skip_special_tokens: options.skipSpecialTokens ?? true}),
    chat: (messages) => {
      const text = construct(folder, () =>
        inner.apply_chat_template([...messages], {tokenize: false, add_generation_prompt: true}),
      )
      if (typeof text !== 'string')
        throw new SlmError('tokenizer-broken', `${folder}: the chat template gave no text`)
      return text
    },
  }
}

function construct<T>(folder: string, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw new SlmError(
      'tokenizer-broken',
      `${folder}: the tokenizer could not be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'tokenizer.json must be one that Hugging Face tokenizers writes.',
        cause,
      },
    )
  }
}

function parse<T>(file: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new SlmError('tokenizer-broken', `${file} is not JSON`, {
      hint: 'The file may be cut off, or a Git LFS pointer.',
      cause,
    })
  }
  const checked = schema.safeParse(value)
  if (!checked.success)
    throw new SlmError(
      'tokenizer-broken',
      `${file}: ${checked.error.issues[0]?.message ?? 'not a tokenizer file'}`,
    )
  return checked.data
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
