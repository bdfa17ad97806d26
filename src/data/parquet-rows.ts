import {type FileHandle, open} from 'node:fs/promises'
import {basename} from 'node:path'
import {type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects} from 'hyparquet'
import {compressors} from 'hyparquet-compressors'
import {SlmError} from '../errors.ts'
import type {SourceRow} from './source-row.ts'

/** Rows of a Parquet file, row group by row group, so that memory holds one group at a time. `columns`: only these are read, where all are there. */
export async function* parquetRows(
  path: string,
  columns?: readonly string[],
): AsyncGenerator<SourceRow, void, void> {
  const name = basename(path)
  const handle = await open(path)
  try {
    const file = await bufferOver(handle)
    const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
      throw broken(name, cause)
    })
    const known = columnNames(metadata)
    // With a wanted column missing all are read, so that the error can name what is there.
    const wanted = columns?.every((column) => known.includes(column)) ? columns : undefined
    let rowStart = 0
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows)
      const range = {file, metadata, compressors, rowStart, rowEnd, ...(wanted ? {columns: [...wanted]} : {})}
      const rows = await parquetReadObjects(range).catch((cause: unknown) => {
        throw broken(name, cause)
      })
      for (const [place, values] of rows.entries()) {
        const number = rowStart + place
        yield {kind: 'row', position: `${name}:${number + 1}`, number, values}
      }
      rowStart = rowEnd
    }
  } finally {
    await handle.close()
  }
}

/** The names of the top-level columns. */
function columnNames({schema}: FileMetaData): string[] {
  const names: string[] = []
  for (let place = 1; place < schema.length; place = after(schema, place)) names.push(schema[place]!.name)
  return names
}

/** The place after an element and all that is nested in it: the schema is a tree written depth first. */
function after(schema: FileMetaData['schema'], place: number): number {
  let next = place + 1
  for (let child = 0; child < (schema[place]!.num_children ?? 0); child++) next = after(schema, next)
  return next
}

async function bufferOver(handle: FileHandle): Promise<AsyncBuffer> {
  const {size} = await handle.stat()
  return {
    byteLength: size,
    slice: async (start, end = size) => {
      const from = start < 0 ? size + start : start
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - from))
      let filled = 0
      while (filled < bytes.length) {
        const {bytesRead} = await handle.read(bytes, filled, bytes.length - filled, from + filled)
        if (bytesRead === 0) throw new Error('the file became shorter while it was read')
        filled += bytesRead
      }
      return bytes.buffer
    },
  }
}

function broken(name: string, cause: unknown): SlmError {
  const detail = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
  return new SlmError('data-format', `${name} is not a Parquet file that can be read: ${detail}`, {
    hint: 'Download the file again, or give the data in another format (JSONL, JSON, CSV).',
    cause,
  })
}
