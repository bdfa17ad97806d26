import {once} from 'node:events'
import {createWriteStream} from 'node:fs'
import {readFile, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {finished} from 'node:stream/promises'
import type {z} from 'zod'
import {SlmError} from '../errors.ts'
import {writeAtomically} from './atomic-file.ts'
import {jsonlLines} from './jsonl-lines.ts'
import {type JudgeCard, type Judgement, judgementSchema, judgesSchema} from './judgement.ts'
import {jsonText} from './run-folder.ts'

export const JUDGE_FILES = {judgements: 'judgements.jsonl', judges: 'judges.json'} as const

/** The judges that have scored a run, in the order in which they first did; none for a run that was not judged. */
export async function readJudges(folder: string): Promise<JudgeCard[]> {
  const file = join(folder, JUDGE_FILES.judges)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return []
  return checked(judgesSchema, text, file).judges
}

/** Streams the judgements of a run; none where nobody has judged it. */
export async function* readJudgements(folder: string): AsyncGenerator<Judgement, void, void> {
  const file = join(folder, JUDGE_FILES.judgements)
  try {
    for await (const {text, lineNumber, isComplete} of jsonlLines(file))
      if (isComplete) yield checked(judgementSchema, text, `${file}:${lineNumber}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // the code of a system error
  }
}

/**
 * Puts a judge's judgements into the run folder in place of its earlier ones; those of other judges stay. Both files are
 * written whole and renamed: after a crash the old ones are there or the new ones.
 */
export async function writeJudgements(
  folder: string,
  card: JudgeCard,
  judgements: readonly Judgement[],
): Promise<void> {
  const cards = await readJudges(folder)
  const isKnown = cards.some(({id}) => id === card.id)
  const all = isKnown ? cards.map((other) => (other.id === card.id ? card : other)) : [...cards, card]
  const file = join(folder, JUDGE_FILES.judgements)
  const aside = `${file}.${process.pid}.part`
  const stream = createWriteStream(aside, {flush: true})
  const say = async (judgement: Judgement): Promise<void> => {
    const line = `${JSON.stringify(judgementSchema.parse(judgement))}\n`
    if (!stream.write(line)) await once(stream, 'drain')
  }
  for (const {id} of all) {
    if (id === card.id) for (const judgement of judgements) await say(judgement)
    else
      for await (const judgement of readJudgements(folder)) if (judgement.judge === id) await say(judgement)
  }
  stream.end()
  await finished(stream)
  // The cards first: a judgement without its card could not be read, a card without judgements can.
  await writeAtomically(join(folder, JUDGE_FILES.judges), jsonText({format: 1, judges: all}))
  await rename(aside, file)
}

function checked<Schema extends z.ZodType>(schema: Schema, text: string, place: string): z.output<Schema> {
  const refuse = (why: string): SlmError =>
    new SlmError('run-damaged', `${place}: ${why}`, {
      hint: 'It was written by another version or changed by hand: remove judges.json and judgements.jsonl and judge again; replies that were paid for are in the cache.',
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse('is not JSON')
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw refuse(`${issue?.path.join('.') || 'the value'}: ${issue?.message ?? 'is not valid'}`)
}
