import type {Inference} from '../inference/inference.ts'
import type {DecodedRow, DecodeOptions, DecodeRequest, StepTop} from '../inference/protocol.ts'
import type {Tokenizer} from '../tokenizer/tokenizer.ts'
import type {PromptRow} from './prompt-rows.ts'

/** One row of `slm generate`: interface.md names its keys. */
export type GeneratedRow =
  | {
      readonly id: string | number
      readonly promptIds: readonly number[]
      readonly newIds: readonly number[]
      readonly text: string
      readonly finish: string
      readonly logprob: number
      readonly score?: number
      readonly sequences?: readonly {
        readonly newIds: readonly number[]
        readonly text: string
        readonly finish: string
        readonly score: number
      }[]
      readonly steps?: readonly StepTop[]
    }
  | FailedRow

export interface FailedRow {
  readonly id: string | number
  readonly status: 'failed'
  readonly stage: 'data' | 'prompt' | 'decode'
  readonly error: string
}

export interface GenerateProgress {
  readonly newTokens: number
}

export interface GenerateInput {
  readonly inference: Inference
  readonly tokenizer: Tokenizer
  readonly chat: boolean
  readonly options: DecodeOptions
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: GenerateProgress) => void
}

/** Prompts that are decoded together: more sort better by length, and cost memory. */
const WINDOW_ROWS = 1024

/** Decodes prompts window by window; rows come in the order of the input. */
export async function* generateRows(
  prompts: AsyncIterable<PromptRow>,
  input: GenerateInput,
): AsyncGenerator<GeneratedRow, void, void> {
  let window: PromptRow[] = []
  let start = 0
  for await (const prompt of prompts) {
    window.push(prompt)
    if (window.length < WINDOW_ROWS) continue
    yield* generateWindow(window, start, input)
    start += window.length
    window = []
  }
  if (window.length > 0) yield* generateWindow(window, start, input)
}

async function* generateWindow(
  window: readonly PromptRow[],
  start: number,
  input: GenerateInput,
): AsyncGenerator<GeneratedRow, void, void> {
  const rows = new Map<number, GeneratedRow>()
  const requests: DecodeRequest[] = []
  window.forEach((prompt, key) => {
    const promptIds =
      prompt.kind === 'bad' ? {error: prompt.error, stage: 'data' as const} : idsOf(prompt, input)
    if ('error' in promptIds)
      rows.set(key, {id: prompt.id, status: 'failed', stage: promptIds.stage, error: promptIds.error})
    else requests.push({key, promptIds: promptIds.ids, seed: start + key})
  })
  let due = 0
  const promptOf = new Map(requests.map((request) => [request.key, request.promptIds]))
  for (; rows.has(due); due += 1) yield rows.get(due)!
  for await (const event of input.inference.decode(requests, input.options, input.signal)) {
    if (event.kind === 'progress') input.onProgress?.({newTokens: event.newTokens})
    if (event.kind !== 'row') continue
    const {key} = event.row
    rows.set(key, generatedRow(window[key]!.id, promptOf.get(key)!, event.row, input.tokenizer))
    for (; rows.has(due); due += 1) {
      yield rows.get(due)!
      rows.delete(due)
    }
  }
}

type Ids = {readonly ids: readonly number[]} | {readonly error: string; readonly stage: 'prompt'}

function idsOf(prompt: Exclude<PromptRow, {kind: 'bad'}>, {inference, tokenizer, chat}: GenerateInput): Ids {
  const {tokens, vocabulary} = inference.facts
  const given = prompt.kind === 'ids' ? prompt.ids : encode(prompt.text, tokenizer, chat)
  if (typeof given === 'string') return {error: given, stage: 'prompt'}
  const outside = given.find((id) => id >= vocabulary)
  if (outside !== undefined)
    return {error: `token id ${outside} is outside the vocabulary of ${vocabulary}`, stage: 'prompt'}
  if (given.length > 0) return {ids: given}
  // As Hugging Face's generate() does when it is given nothing.
  if (tokens.begin !== undefined) return {ids: [tokens.begin]}
  return {error: 'the prompt has no tokens, and the model has no start token', stage: 'prompt'}
}

function encode(text: string, tokenizer: Tokenizer, chat: boolean): readonly number[] | string {
  try {
    return chat
      ? tokenizer.encode(tokenizer.chat([{role: 'user', content: text}]), {addSpecialTokens: false})
      : tokenizer.encode(text)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function generatedRow(
  id: string | number,
  promptIds: readonly number[],
  row: DecodedRow,
  tokenizer: Tokenizer,
): GeneratedRow {
  if (row.kind === 'failed') return {id, status: 'failed', stage: 'decode', error: row.error}
  return {
    id,
    promptIds,
    newIds: row.newIds,
    text: tokenizer.decode(row.newIds),
    finish: row.finish,
    logprob: row.logprob!, // asked for by `generate`
    ...(row.score === undefined ? {} : {score: row.score}),
    ...(row.sequences === undefined
      ? {}
      : {
          sequences: row.sequences.map(({newIds, finish, score}) => ({
            newIds,
            text: tokenizer.decode(newIds),
            finish,
            score,
          })),
        }),
    ...(row.steps === undefined ? {} : {steps: row.steps}),
  }
}
