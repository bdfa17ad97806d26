import {z} from 'zod'
import type {ChatMessage} from '../tokenizer/tokenizer.ts'
import {dataJson} from './data-json.ts'
import type {JudgePrompts} from './judge-prompt-files.ts'

/** A question to a judge that writes JSON, with all that is needed to read the reply. */
export interface Question<Value> {
  /** Names the step in messages about a reply that cannot be used. */
  readonly name: string
  readonly messages: readonly ChatMessage[]
  /** Checks a reply, counts and indices included. */
  readonly schema: z.ZodType<Value>
  /** A reply of the usual length: costs are estimated by it before anything is asked. */
  readonly typical: Value
}

export interface QuestionParts<Value> {
  readonly name: string
  readonly instruction: string
  /** What is particular to the task. */
  readonly particulars: readonly string[]
  readonly examples: readonly {readonly input: unknown; readonly output: unknown}[]
  readonly input: unknown
  readonly schema: z.ZodType<Value>
  readonly typical: Value
}

/**
 * The messages of a question: the instruction, the worked examples as earlier turns, and the input as JSON between words
 * of ours. What a candidate wrote stands inside a JSON string and nowhere else.
 */
export function questionOf<Value>(prompts: JudgePrompts, parts: QuestionParts<Value>): Question<Value> {
  const {instructions, task} = prompts
  const system = [
    parts.instruction,
    `The task: ${task.describes}`,
    ...parts.particulars,
    instructions.data,
    `${instructions.format}\n${JSON.stringify(jsonSchema(parts.schema))}`,
  ].join('\n\n')
  const turns = parts.examples.flatMap(({input, output}): ChatMessage[] => [
    {role: 'user', content: asked(input, instructions.closing)},
    {role: 'assistant', content: JSON.stringify(output)},
  ])
  return {
    name: parts.name,
    messages: [
      {role: 'system', content: system},
      ...turns,
      {role: 'user', content: asked(parts.input, instructions.closing)},
    ],
    schema: parts.schema,
    typical: parts.typical,
  }
}

function asked(input: unknown, closing: string): string {
  return `${dataJson(input)}\n\n${closing}`
}

/** JSON Schema of a reply in the strict form that servers ask for: all keys required, no others. */
export function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const {$schema: _, ...json} = z.toJSONSchema(schema)
  return json
}
