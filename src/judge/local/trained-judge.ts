import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {markedPair} from '../../data/miniature/mark-words.ts'
import {SlmError} from '../../errors.ts'
import {TRAINED_JUDGE_FILE} from '../../inference/shipped-checkpoints.ts'
import {plainData} from '../data-json.ts'

const text = z.string({error: 'must be a text'}).min(1, {error: 'must be a text'})

/** `judge.json` in a checkpoint: it was trained to answer one question, in words of its own. */
const trainedJudgeSchema = z
  .strictObject({
    format: z.literal(1),
    note: text.describe('What stands beside its name wherever it has judged.'),
    prompt: text
      .refine((prompt) => prompt.includes('{statement}') && prompt.includes('{text}'), {
        error: 'must have the places {statement} and {text}',
      })
      .describe('The prompt that it was trained with; {statement} and {text} are put in as one line each.'),
    marks: z
      .boolean({error: 'must be true or false'})
      .describe('Whether words that the other text has not are marked, as in the data of judge-mini.'),
    verdicts: z.tuple([text, text]).describe('The words that it answers with: supported, and not.'),
  })
  .describe('A judge that `slm model train` made.')
export type TrainedJudge = z.output<typeof trainedJudgeSchema>

/** What a checkpoint says of itself as a judge; undefined for a model that was not trained to judge. */
export async function readTrainedJudge(folder: string): Promise<TrainedJudge | undefined> {
  const file = join(folder, TRAINED_JUDGE_FILE)
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (content === undefined) return undefined
  try {
    return trainedJudgeSchema.parse(JSON.parse(content))
  } catch (cause) {
    const why = cause instanceof z.ZodError ? cause.issues[0]?.message : 'is not JSON'
    throw new SlmError('judge-broken', `${file}: ${why ?? 'is not valid'}`, {
      hint: 'It needs format, note, prompt, marks and verdicts, as checkpoints/judge-mini/judge.json has them.',
      cause,
    })
  }
}

/** The one prompt of a trained judge. What others wrote is one line, so that it cannot begin a line of its own. */
export function trainedPrompt(
  {prompt, marks}: Pick<TrainedJudge, 'prompt' | 'marks'>,
  {statement, text: body}: {readonly statement: string; readonly text: string},
): string {
  const plain = {statement: plainData(statement), text: plainData(body)}
  const values = marks ? markedPair(plain.statement, plain.text) : plain
  return prompt.replaceAll(/\{(statement|text)\}/g, (_, name: 'statement' | 'text') => values[name])
}
