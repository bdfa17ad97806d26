import {basename} from 'node:path'
import {SlmError} from '../errors.ts'
import {linesOf} from './lines.ts'
import type {SourceRow} from './source-row.ts'

export interface PairFile {
  readonly path: string
  /** The name under which a row carries this file's line. */
  readonly column: string
}

/** Rows of two text files: line n of the first with line n of the second. Different line counts are an error before the first row. */
export async function* pairRows(files: readonly [PairFile, PairFile]): AsyncGenerator<SourceRow, void, void> {
  await sameLength(files)
  const [first, second] = files
  const others = linesOf(second.path)
  try {
    for await (const line of linesOf(first.path)) {
      const other = (await others.next()).value
      const position = `${basename(first.path)}:${line.number}`
      if (line.text === undefined || other?.text === undefined)
        yield {kind: 'bad', position, error: 'the line is not UTF-8'}
      else {
        const values = {[first.column]: line.text, [second.column]: other.text}
        yield {kind: 'row', position, number: line.number - 1, values}
      }
    }
  } finally {
    await others.return()
  }
}

async function sameLength([first, second]: readonly [PairFile, PairFile]): Promise<void> {
  const [ours, theirs] = await Promise.all([countLines(first.path), countLines(second.path)])
  if (ours === theirs) return
  throw new SlmError(
    'data-pair-lengths',
    `${basename(first.path)} has ${ours} lines, ${basename(second.path)} has ${theirs}`,
    {
      hint: 'Line n of one file must belong to line n of the other; take both from the same version of the data.',
    },
  )
}

async function countLines(path: string): Promise<number> {
  let count = 0
  for await (const line of linesOf(path)) count = line.number
  return count
}
