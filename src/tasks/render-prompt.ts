import {SlmError} from '../errors.ts'
import type {Tokenizer} from '../tokenizer/tokenizer.ts'
import type {Task, TaskRow} from './task.ts'
import type {TruncationSide} from './task-schema.ts'
import {fillTemplate, parseTemplate} from './template.ts'
import {longestPiece} from './truncate-field.ts'

export interface PromptOptions {
  /** Most tokens of a prompt, special tokens included; no limit when undefined. */
  readonly maxTokens?: number | undefined
  /** Chooses between templates where a task has one for each architecture. */
  readonly architecture?: 'enc-dec' | 'dec-only' | undefined
  /** Overrides the task's own choice of the chat template. */
  readonly chat?: boolean | undefined
  /** Overrides the task's own side. */
  readonly truncation?: TruncationSide | undefined
}

export interface RenderedPrompt {
  /** The text whose tokens the model gets; with a chat template, the whole conversation. */
  readonly prompt: string
  readonly promptIds: readonly number[]
  /** Tokens that were cut from the task's truncatable field; the instruction and the other fields are never cut. */
  readonly truncatedTokens: number
}

/** A row as the model reads it. A prompt that stays too long is an error of code `prompt-too-long`. */
export function renderPrompt(
  task: Task,
  row: TaskRow,
  tokenizer: Tokenizer,
  options: PromptOptions = {},
): RenderedPrompt {
  const {field} = task.prompt.truncate
  const render = promptWriter(task, row, tokenizer, options)
  const whole = row.fields[field] ?? ''
  const full = render(whole)
  const limit = options.maxTokens ?? Number.POSITIVE_INFINITY
  if (full.promptIds.length <= limit) return {...full, truncatedTokens: 0}
  const side = options.truncation ?? task.prompt.truncate.side
  if (side === 'error')
    throw tooLong(row, full.promptIds.length, limit, `The task's truncation is "error": name a side.`)
  const shortest = render('')
  if (shortest.promptIds.length > limit)
    throw tooLong(
      row,
      shortest.promptIds.length,
      limit,
      `It is that long even without its field ${field}, the one that may be cut.`,
    )
  const bounds = {limit, whole: full.promptIds.length, without: shortest.promptIds.length}
  const piece = longestPiece(whole, side, bounds, (text) => render(text).promptIds.length)
  const cut = render(piece)
  return {...cut, truncatedTokens: full.promptIds.length - cut.promptIds.length}
}

/** Writes the prompt with the truncatable field replaced. */
function promptWriter(
  task: Task,
  row: TaskRow,
  tokenizer: Tokenizer,
  options: PromptOptions,
): (field: string) => {readonly prompt: string; readonly promptIds: readonly number[]} {
  const {prompt} = task
  const own = options.architecture === undefined ? undefined : prompt.templateFor[options.architecture]
  const template = parseTemplate(own ?? prompt.template)
  const isChat = usesChat(task, tokenizer, options.chat)
  return (field) => {
    const text = fillTemplate(template, {...row.fields, [prompt.truncate.field]: field})
    if (!isChat) return {prompt: text, promptIds: tokenizer.encode(text)}
    const system = prompt.system === undefined ? [] : [{role: 'system' as const, content: prompt.system}]
    const conversation = tokenizer.chat([...system, {role: 'user', content: text}])
    // The template writes the special tokens itself.
    return {prompt: conversation, promptIds: tokenizer.encode(conversation, {addSpecialTokens: false})}
  }
}

function usesChat(task: Task, tokenizer: Tokenizer, override: boolean | undefined): boolean {
  const isWanted =
    override ??
    (task.prompt.chat === 'always' || (task.prompt.chat === 'when-available' && tokenizer.hasChatTemplate))
  if (isWanted && !tokenizer.hasChatTemplate)
    throw new SlmError('chat-template-missing', 'the checkpoint has no chat template', {
      hint: 'Leave out --chat, or take a checkpoint whose tokenizer_config.json has one.',
    })
  return isWanted
}

function tooLong(row: TaskRow, tokens: number, limit: number, hint: string): SlmError {
  return new SlmError('prompt-too-long', `the prompt of ${row.id} has ${tokens} tokens, ${limit} fit`, {hint})
}
