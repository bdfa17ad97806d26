import {SlmError} from '../errors.ts'
import {loadTask} from '../tasks/load-task.ts'
import {readSamples} from '../tasks/read-samples.ts'
import {renderPrompt} from '../tasks/render-prompt.ts'
import type {Task, TaskRow} from '../tasks/task.ts'
import type {Tokenizer} from '../tokenizer/tokenizer.ts'
import type {Example} from './batch.ts'

/** Where the rows of one task come from. */
export interface ExampleSource {
  readonly task: Task
  readonly split: string
  /** Data files that replace the task's own. */
  readonly data: string | undefined
}

export interface ExampleLimits {
  /** Rows of each task; all when undefined. */
  readonly rows: number | undefined
  readonly architecture: 'enc-dec' | 'dec-only'
  readonly maxSourceTokens: number
  readonly maxTargetTokens: number
  readonly endToken: number
}

/** Rows that are not learned as they stand, by reason. */
export interface RowsAside {
  /** Left out: an answer beyond maxTargetTokens, or a prompt that is too long even without the field that may be cut. */
  readonly tooLong: number
  /** Left out: a row that cannot be read, or that has no answer. */
  readonly bad: number
  /** Kept, the prompt cut to maxSourceTokens. */
  readonly cut: number
}

/** One task's rows as tokens. */
export interface TaskExamples extends RowsAside {
  readonly task: string
  readonly examples: readonly Example[]
}

/** Loads tasks by name or path. Two of one name are an error, since everything is told by it. */
export async function loadTasks(names: readonly string[]): Promise<readonly Task[]> {
  const tasks: Task[] = []
  for (const name of names) {
    const task = await loadTask(name)
    if (tasks.some((other) => other.name === task.name))
      throw new SlmError('config-invalid', `two tasks are named ${task.name}`, {
        hint: 'Give one of the YAML files another name:.',
      })
    tasks.push(task)
  }
  return tasks
}

/** A task's rows as `slm eval` prompts them, with what a model is to answer. Reads the disk. */
export async function readExamples(
  tokenizer: Tokenizer,
  {task, split, data}: ExampleSource,
  limits: ExampleLimits,
): Promise<TaskExamples> {
  const examples: Example[] = []
  const aside = {tooLong: 0, bad: 0, cut: 0}
  for await (const result of readSamples(task, {split, data, limit: limits.rows})) {
    const found = result.kind === 'bad' ? 'bad' : exampleOf(task, result.row, tokenizer, limits)
    if (typeof found === 'string') {
      aside[found]++
      continue
    }
    if (found.isCut) aside.cut++
    examples.push(found.example)
  }
  if (examples.length === 0)
    throw new SlmError('data-empty', `no row of ${task.name} (${split}) can be used`, {
      hint: `${aside.tooLong} are longer than maxSourceTokens ${limits.maxSourceTokens} or maxTargetTokens ${limits.maxTargetTokens}, ${aside.bad} cannot be read.`,
    })
  return {task: task.name, examples, ...aside}
}

function exampleOf(
  task: Task,
  row: TaskRow,
  tokenizer: Tokenizer,
  limits: ExampleLimits,
): {readonly example: Example; readonly isCut: boolean} | 'bad' | 'tooLong' {
  const answer = row.references[0] ?? task.noAnswer
  if (answer === undefined) return 'bad'
  const target = [...tokenizer.encode(answer, {addSpecialTokens: false}), limits.endToken]
  if (target.length > limits.maxTargetTokens) return 'tooLong'
  const options = {maxTokens: limits.maxSourceTokens, architecture: limits.architecture}
  try {
    const {promptIds, truncatedTokens} = renderPrompt(task, row, tokenizer, options)
    return {example: {source: promptIds, target}, isCut: truncatedTokens > 0}
  } catch (error) {
    if (error instanceof SlmError && error.code === 'prompt-too-long') return 'tooLong'
    throw error
  }
}
