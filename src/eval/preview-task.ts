import {type CheckpointConfig, readCheckpointConfig} from '../engine/checkpoint-config.ts'
import {contextLength} from '../engine/model-sizes.ts'
import {loadTask} from '../tasks/load-task.ts'
import {locateData} from '../tasks/locate-data.ts'
import {samplesOf} from '../tasks/read-samples.ts'
import {renderPrompt} from '../tasks/render-prompt.ts'
import type {Task, TaskRow} from '../tasks/task.ts'
import type {TruncationSide} from '../tasks/task-schema.ts'
import {fillTemplate, parseTemplate} from '../tasks/template.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import type {Tokenizer} from '../tokenizer/tokenizer.ts'
import {previewShortcuts, type ShortcutPreview} from './preview-shortcuts.ts'

export interface PreviewRequest {
  readonly task: string
  /** A checkpoint folder; without one prompts are shown as text alone. */
  readonly modelFolder?: string | undefined
  readonly count: number
  readonly data?: string | undefined
  readonly split?: string | undefined
  readonly chat?: boolean | undefined
  readonly truncation?: TruncationSide | undefined
  readonly maxTokens?: number | undefined
}

export interface PromptPreview {
  readonly id: string
  readonly prompt: string
  readonly references: readonly string[]
  /** With a model. */
  readonly tokens?: {
    readonly count: number
    readonly truncated: number
    readonly first: readonly number[]
    readonly firstTexts: readonly string[]
    readonly last: readonly number[]
  }
}

export interface TaskPreview {
  readonly task: Task
  readonly split: string
  /** The files that were read, as they were found. */
  readonly files: readonly string[]
  readonly prompts: readonly PromptPreview[]
  /** Rows among the first ones that could not be used. */
  readonly bad: readonly {readonly id: string; readonly error: string}[]
  /** What the task's shortcuts score over the whole split. */
  readonly shortcuts: readonly ShortcutPreview[]
  readonly warnings: readonly string[]
}

const EMPTY = {files: [], prompts: [], bad: [], shortcuts: [], warnings: []} as const

/** Tokens shown of each end of a prompt. */
const SHOWN_TOKENS = 8

/** The task's first prompts as a model would read them, without opening the model. */
export async function previewTask(request: PreviewRequest): Promise<TaskPreview> {
  const task = await loadTask(request.task)
  if (request.count === 0) return {...EMPTY, task, split: request.split ?? task.source.split}
  const located = await locateData(task, request)
  const folder = request.modelFolder
  const model = folder === undefined ? undefined : await openReader(folder, task, request)
  const prompts: PromptPreview[] = []
  const bad: {id: string; error: string}[] = []
  for await (const result of samplesOf(task, located)) {
    if (result.kind === 'bad') bad.push({id: result.id, error: result.error})
    else prompts.push(model === undefined ? asText(task, result.row) : model.read(result.row))
    if (prompts.length >= request.count || bad.length >= 100) break
  }
  const {files} = located
  return {
    task,
    split: located.split,
    files: files.kind === 'pairs' ? files.files.map(({path}) => path) : files.paths,
    prompts,
    bad,
    shortcuts: await previewShortcuts(task, located),
    warnings: model?.warnings(prompts) ?? [],
  }
}

function asText(task: Task, row: TaskRow): PromptPreview {
  return {
    id: row.id,
    prompt: fillTemplate(parseTemplate(task.prompt.template), row.fields),
    references: row.references,
  }
}

interface PromptReader {
  readonly read: (row: TaskRow) => PromptPreview
  readonly warnings: (prompts: readonly PromptPreview[]) => readonly string[]
}

async function openReader(folder: string, task: Task, request: PreviewRequest): Promise<PromptReader> {
  const [tokenizer, config] = await Promise.all([openTokenizer(folder), readCheckpointConfig(folder)])
  const architecture = config.model?.is_encoder_decoder === true ? 'enc-dec' : 'dec-only'
  const context = contextLength(config)
  // A decoder-only model's answer needs its place in the same context.
  const room = architecture === 'dec-only' && context !== undefined ? context - task.maxNewTokens : context
  const options = {
    architecture,
    chat: request.chat,
    truncation: request.truncation,
    maxTokens: request.maxTokens ?? room,
  } as const
  const read = (row: TaskRow): PromptPreview => {
    const {prompt, promptIds, truncatedTokens} = renderPrompt(task, row, tokenizer, options)
    const first = promptIds.slice(0, SHOWN_TOKENS)
    const tokens = {
      count: promptIds.length,
      truncated: truncatedTokens,
      first,
      firstTexts: first.map((id) => tokenizer.decode([id], {skipSpecialTokens: false})),
      last: promptIds.slice(-SHOWN_TOKENS),
    }
    return {id: row.id, prompt, references: row.references, tokens}
  }
  return {read, warnings: (prompts) => beginWarnings(beginToken(config), tokenizer, prompts)}
}

function beginToken({model, generation, genai}: CheckpointConfig): number | undefined {
  const named = generation?.bos_token_id ?? model?.bos_token_id ?? genai?.model.bos_token_id
  return (typeof named === 'object' ? named?.[0] : named) ?? undefined
}

/** A beginning token twice, or none where the tokenizer puts one before plain text: both change every answer. */
function beginWarnings(
  begin: number | undefined,
  tokenizer: Tokenizer,
  prompts: readonly PromptPreview[],
): string[] {
  if (begin === undefined) return []
  const firsts = prompts.flatMap(({tokens}) => (tokens === undefined ? [] : [tokens.first]))
  const isAdded = tokenizer.encode('a')[0] === begin
  const text = JSON.stringify(tokenizer.decode([begin], {skipSpecialTokens: false}))
  const isDouble = firsts.some((ids) => ids[0] === begin && ids[1] === begin)
  const isMissing = isAdded && firsts.some((ids) => ids[0] !== begin)
  return [
    ...(isDouble
      ? [`the prompt begins twice with ${text} (${begin}): take it out of the prompt or the chat template`]
      : []),
    ...(isMissing
      ? [
          `the prompt does not begin with ${text} (${begin}), which the tokenizer puts before plain text: the chat template lacks it`,
        ]
      : []),
  ]
}
