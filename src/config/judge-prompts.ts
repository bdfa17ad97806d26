import {z} from 'zod'

const text = z.string({error: 'must be a text'}).min(1, {error: 'must be a text'})
const version = z.int().positive().describe('Raised with every change of a word.')
const examples = <Input extends z.ZodType, Output extends z.ZodType>(input: Input, output: Output) =>
  z
    .array(z.strictObject({input, output}))
    .min(1)
    .describe('Worked examples, shown to the judge as earlier turns.')

/** How a piece of a task is found in the prompt that a run recorded. */
const piece = z.union([
  z.literal('prompt').describe('The whole prompt.'),
  z.strictObject({text}).describe('The same words for every sample.'),
  z
    .strictObject({after: text, before: text.optional()})
    .describe('Between two markers of the prompt; the whole prompt where they are missing.'),
])
export type PromptPiece = z.output<typeof piece>

const statements = z.strictObject({statements: z.array(text)})
const verdict = z.strictObject({index: z.int().positive(), reason: text, supported: z.boolean()})

/** The words that are the same for all tasks: `configs/judge/instructions.yaml`. */
export const judgeInstructionsSchema = z
  .strictObject({
    version,
    data: text.describe('Says that the input is data; ends every instruction.'),
    format: text.describe('Asks for JSON of the schema that follows.'),
    closing: text.describe('Stands after the input, so that its last words are ours.'),
    statements: text.describe('Splits a text into statements.'),
    verdicts: text.describe('Says which statements are supported.'),
    rubric: text.describe('Rates an answer from 1 to 5.'),
    pairwise: text.describe('Chooses between two answers.'),
    likelihood: z
      .strictObject({
        supported: text,
        supportedWords: z.tuple([text, text]).describe('Supported, and not.'),
        rating: text,
        pairwise: text,
      })
      .describe('For a local checkpoint that judges by the likelihood of one word.'),
  })
  .describe('What every judge is told.')
export type JudgeInstructions = z.output<typeof judgeInstructionsSchema>

/** What is particular to a task: `configs/judge/tasks/*.yaml`. */
export const judgeTaskSchema = z
  .strictObject({
    name: text,
    version,
    tasks: z
      .array(text)
      .describe('Tasks that are judged by this file; none: those that no other file names.'),
    describes: text.describe('The task in a sentence or two, for the judge.'),
    question: piece.describe('What was asked.'),
    source: piece.optional().describe('What the answer has to keep to: an article, a passage.'),
    statements: z.strictObject({
      hint: text.describe('What a statement is in this task.'),
      unit: z
        .enum(['sentence', 'line', 'code'])
        .describe('How a judge by likelihood, which cannot split, splits a text.'),
      examples: examples(z.strictObject({question: text, text}), statements),
    }),
    verdicts: z.strictObject({
      hint: text.describe('When a statement is supported in this task.'),
      examples: examples(
        z.strictObject({question: text, answer: z.array(text), reference: z.array(text)}),
        z.strictObject({answer: z.array(verdict), reference: z.array(verdict)}),
      ),
    }),
    rubric: z.strictObject({
      criteria: text,
      steps: z.array(text).min(1),
      scores: z.strictObject({1: text, 2: text, 3: text, 4: text, 5: text}),
      shows: z
        .array(z.enum(['source', 'reference']))
        .describe('What the judge sees beside question and answer.'),
      examples: examples(
        z.strictObject({question: text, source: text.optional(), reference: text.optional(), answer: text}),
        z.strictObject({reason: text, rating: z.int().min(1).max(5)}),
      ),
    }),
    pairwise: z.strictObject({
      criteria: text,
      examples: examples(
        z.strictObject({
          question: text,
          source: text.optional(),
          reference: text.optional(),
          A: text,
          B: text,
        }),
        z.strictObject({reason: text, better: z.enum(['A', 'B', 'tie'])}),
      ),
    }),
  })
  .describe('How the answers of a task are judged.')
export type JudgeTask = z.output<typeof judgeTaskSchema>

/** Answers that speak to the judge: `configs/judge/injections.yaml`. */
export const injectionSuiteSchema = z
  .strictObject({
    version,
    bases: z
      .array(z.strictObject({question: text, reference: text, answer: text.describe('A wrong answer.')}))
      .min(1),
    attacks: z
      .array(
        z.strictObject({
          id: z.string().regex(/^[a-z0-9-]+$/),
          language: text.describe('ISO 639-1.'),
          format: text,
          text: text.describe('{answer} stands for the wrong answer.'),
        }),
      )
      .min(1),
  })
  .describe('What `slm judge injections` tries on a judge.')
export type InjectionSuite = z.output<typeof injectionSuiteSchema>
