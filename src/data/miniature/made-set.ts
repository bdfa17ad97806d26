import {createHash} from 'node:crypto'
import {createWriteStream} from 'node:fs'
import {mkdir, rename, rm, stat} from 'node:fs/promises'
import {dirname} from 'node:path'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {SlmError} from '../../errors.ts'
import {joinedQuestions} from './joined-questions.ts'
import {type Miniature, type MiniatureRow, type MiniatureSplit, miniatureRows} from './miniature.ts'
import {squadRows} from './squad-mini.ts'
import {FACTS} from './squad-passage.ts'
import {MINIATURES} from './write-miniatures.ts'

/** Questions that one row may ask. A passage seldom has room for more. */
export const QUESTIONS = [1, 8] as const
/** Questions that are drawn for a passage when each is a row of its own. */
const SINGLE_QUESTIONS = [1, 4] as const
const MOST_ROWS = 10_000_000
/** Passages in a row that may give no row before the wish is called impossible. */
const MOST_EMPTY = 10_000
/** Rows that go to the disk together. */
const ROWS_A_WRITE = 256

export interface MadeSetOptions {
  /** A miniature's name. */
  readonly set: string
  readonly split: MiniatureSplit
  readonly seed: number
  readonly rows: number
  /** squad-mini, training: a row asks as many questions at once, fewest and most; one when absent. */
  readonly questions?: readonly [number, number] | undefined
  /** squad-mini: facts of a passage, fewest and most. */
  readonly facts?: readonly [number, number] | undefined
}

export interface MadeSet {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/**
 * Rows of a miniature for a seed of one's own, as many as wanted. Names of training are never those of dev and test.
 * Ids carry the seed, so that files of several seeds can be read together.
 */
export function* madeRows(options: MadeSetOptions): Generator<MiniatureRow, void, void> {
  const {split, seed, rows} = options
  for (const row of miniatureRows(neverEmpty(miniatureOf(options), options), split, seed, rows))
    yield {...row, id: `${row['id']}-seed${seed}`}
}

/** Writes the rows as JSONL, one after the other; equal options give equal bytes. The file appears when it is whole. */
export async function writeMadeSet(
  path: string,
  options: MadeSetOptions,
  {replace = false}: {readonly replace?: boolean} = {},
): Promise<MadeSet> {
  checkOptions(options)
  const there = await stat(path).catch(() => undefined)
  if (there !== undefined && (there.isDirectory() || !replace))
    throw new SlmError('file-exists', `${path} ${there.isDirectory() ? 'is a folder' : 'is there already'}`, {
      hint: there.isDirectory() ? 'Name a file.' : 'Name another file, or write over it with --force.',
    })
  await mkdir(dirname(path), {recursive: true})
  const digest = createHash('sha256')
  let bytes = 0
  const part = `${path}.part`
  try {
    await pipeline(
      Readable.from(
        chunksOf(madeRows(options), (chunk) => {
          digest.update(chunk)
          bytes += chunk.length
        }),
      ),
      createWriteStream(part),
    )
    await rename(part, path)
  } catch (error) {
    await rm(part, {force: true})
    throw error
  }
  return {path, rows: options.rows, bytes, sha256: digest.digest('hex')}
}

function* chunksOf(
  rows: Iterable<MiniatureRow>,
  onChunk: (chunk: Buffer) => void,
): Generator<Buffer, void, void> {
  let lines: string[] = []
  const chunk = (): Buffer => {
    const bytes = Buffer.from(lines.join(''), 'utf8')
    lines = []
    onChunk(bytes)
    return bytes
  }
  for (const row of rows) if (lines.push(`${JSON.stringify(row)}\n`) === ROWS_A_WRITE) yield chunk()
  if (lines.length > 0) yield chunk()
}

function miniatureOf({set, questions, facts = FACTS}: MadeSetOptions): Miniature {
  if (questions !== undefined) return joinedQuestions({questions, facts})
  if (set === 'squad-mini')
    return (split, seed, number) => squadRows(split, seed, number, {questions: SINGLE_QUESTIONS, facts})
  return MINIATURES[set]!
}

/** A wish that no passage can fulfil ends in an error, not in an endless search. */
function neverEmpty(miniature: Miniature, {questions, facts}: MadeSetOptions): Miniature {
  let empty = 0
  return (split, seed, number) => {
    const rows = miniature(split, seed, number)
    empty = rows.length === 0 ? empty + 1 : 0
    if (empty < MOST_EMPTY) return rows
    throw new SlmError(
      'data-impossible',
      `no passage of ${(facts ?? FACTS).join('-')} facts has ${questions?.join('-')} questions`,
      {hint: 'Ask for fewer questions, or for more facts.'},
    )
  }
}

function checkOptions({set, split, seed, rows, questions, facts}: MadeSetOptions): void {
  const refuse = (message: string, hint: string): never => {
    throw new SlmError('usage', message, {hint})
  }
  if (!Object.hasOwn(MINIATURES, set))
    refuse(`there is no miniature "${set}"`, `Name one of ${Object.keys(MINIATURES).join(', ')}.`)
  if (!Number.isSafeInteger(rows) || rows < 1 || rows > MOST_ROWS)
    refuse(`--rows ${rows} is no number of rows`, `Give 1 to ${MOST_ROWS.toLocaleString('en-US')}.`)
  if (!Number.isSafeInteger(seed) || seed < 0) refuse(`--seed ${seed} is no seed`, 'Give 0, 1, 2, ...')
  if ((questions !== undefined || facts !== undefined) && set !== 'squad-mini')
    refuse(`${set} has no passages with questions`, '--questions and --facts are for squad-mini.')
  if (questions !== undefined && split !== 'train')
    refuse(`the rows of ${split} ask one question each`, '--questions is for the split train.')
  for (const [flag, range, [fewest, most]] of [
    ['questions', questions, QUESTIONS],
    ['facts', facts, FACTS],
  ] as const)
    if (range !== undefined && !isWithin(range, fewest, most))
      refuse(`--${flag} ${range.join('-')} is not possible`, `Give a range within ${fewest}-${most}.`)
}

function isWithin([low, high]: readonly [number, number], fewest: number, most: number): boolean {
  return (
    Number.isSafeInteger(low) && Number.isSafeInteger(high) && fewest <= low && low <= high && high <= most
  )
}
