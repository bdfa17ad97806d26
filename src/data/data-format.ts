import {open} from 'node:fs/promises'
import {basename, extname} from 'node:path'
import {SlmError} from '../errors.ts'

/** The formats a data file can have; text pairs are two files and are recognised by their names. */
export type DataFormat = 'parquet' | 'jsonl' | 'json' | 'csv'

const BY_EXTENSION: Readonly<Record<string, DataFormat>> = {
  '.parquet': 'parquet',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'csv',
}

/** How much of a file is looked at to tell what it is. */
const HEAD_BYTES = 2 ** 16

/** Tells a file's format by its content first, then by its name: `.json` files often hold JSON Lines. */
export async function formatOf(path: string): Promise<DataFormat> {
  const head = await headOf(path)
  const named = BY_EXTENSION[extname(path).toLowerCase()]
  if (head.length === 0)
    throw new SlmError('data-empty', `${basename(path)} is empty`, {
      hint: 'Download or write the file again.',
    })
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet'
  if (named !== undefined) return named
  const text = head
    .toString()
    .replace(/^\ufeff/, '')
    .trimStart()
  const isJson = extname(path).toLowerCase() === '.json'
  if (text.startsWith('[')) return 'json'
  if (text.startsWith('{')) return holdsLines(text, isJson) ? 'jsonl' : 'json'
  if (!isJson && !head.includes(0) && /^[^\n]*,/.test(text)) return 'csv'
  throw new SlmError('data-format', `${basename(path)} is not in a format that is known here`, {
    hint: 'Parquet, JSONL, JSON, CSV and TSV files can be read, and text pairs as two files "a.java,b.cs".',
  })
}

async function headOf(path: string): Promise<Buffer> {
  const handle = await open(path).catch((cause: unknown) => {
    throw new SlmError('data-missing', `${path} cannot be read`, {
      hint: 'Check that the file is there and that you may read it.',
      cause,
    })
  })
  try {
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** A whole object on the first line begins JSON Lines, unless it is all that a file named `.json` holds. */
function holdsLines(text: string, isJson: boolean): boolean {
  const [first = '', second = ''] = text.split('\n', 2)
  return isObject(first) && (second.trim() !== '' || !isJson)
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}
