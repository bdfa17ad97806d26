import {SlmError} from '../errors.ts'
import {loadTask} from '../tasks/load-task.ts'
import {readSamples} from '../tasks/read-samples.ts'
import {renderPrompt} from '../tasks/render-prompt.ts'
import type {Tokenizer} from '../tokenizer/tokenizer.ts'
import type {Example} from './batch.ts'

export interface ExampleOptions {
  readonly tasks: readonly string[]
  readonly split: string
  /** Data files by task; the task's own where there is none. */
  readonly data: Readonly<Record<string, string>>
  /** How often a task's rows are read in an epoch, by task; once where nothing is said. */
  readonly repeat: Readonly<Record<string, number>>
  /** Rows of each task; all when undefined. */
  readonly limit: number | undefined
  readonly architecture: 'enc-dec' | 'dec-only'
  readonly maxSourceTokens: number
  readonly maxTargetTokens: number
  readonly endToken: number
}

export interface Examples {
  readonly examples: readonly Example[]
  /** Rows whose answer is longer than the limit, and rows that cannot be read: left out. */
  readonly tooLong: number
  readonly bad: number
}

/** The tasks' rows as `slm eval` prompts them, with what a model is to answer. Reads the disk. */
export async function readExamples(tokenizer: Tokenizer, options: ExampleOptions): Promise<Examples> {
  const examples: Example[] = []
  let tooLong = 0
  let bad = 0
  for (const name of options.tasks) {
    const task = await loadTask(name)
    const data = options.data[task.name] ?? options.data[name]
    const found: Example[] = []
    for await (const result of readSamples(task, {split: options.split, data, limit: options.limit})) {
      if (result.kind === 'bad') {
        bad++
        continue
      }
      const answer = result.row.references[0] ?? task.noAnswer
      if (answer === undefined) {
        bad++
        continue
      }
      const {promptIds} = renderPrompt(task, result.row, tokenizer, {
        maxTokens: options.maxSourceTokens,
        architecture: options.architecture,
      })
      const target = [...tokenizer.encode(answer, {addSpecialTokens: false}), options.endToken]
      if (target.length > options.maxTargetTokens) tooLong++
      else found.push({source: promptIds, target})
    }
    for (let round = 0; round < (options.repeat[task.name] ?? 1); round++) examples.push(...found)
  }
  if (examples.length === 0)
    throw new SlmError('data-empty', `no row of ${options.tasks.join(', ')} can be trained on`, {
      hint: `${tooLong} answers are longer than maxTargetTokens ${options.maxTargetTokens}, ${bad} rows cannot be read.`,
    })
  return {examples, tooLong, bad}
}
