import {createReadStream} from 'node:fs'
import {basename} from 'node:path'
import {TextDecoder} from 'node:util'
import {SlmError} from '../errors.ts'

/** A line longer than this is not a row of text data: most likely a binary file or JSON without line breaks. */
const LONGEST_LINE_BYTES = 64 * 2 ** 20

export interface Line {
  /** 1-based. */
  readonly number: number
  /** Undefined when the bytes are not UTF-8. */
  readonly text: string | undefined
}

/**
 * Lines of a file in bounded memory. Splits at `\n` alone and drops one `\r` before it: node:readline also splits at
 * U+2028, U+2029 and single `\r`, which JSON strings and code may hold. A byte order mark is dropped.
 */
export async function* linesOf(path: string): AsyncGenerator<Line, void, void> {
  const decoder = new TextDecoder('utf-8', {fatal: true})
  let number = 0
  let rest: Buffer[] = []
  let restBytes = 0
  const line = (tail: Buffer): Line => {
    number += 1
    const bytes = rest.length === 0 ? tail : Buffer.concat([...rest, tail])
    rest = []
    restBytes = 0
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length
    return {number, text: decoded(decoder, bytes.subarray(0, end))}
  }
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield line(chunk.subarray(start, end))
      start = end + 1
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
    restBytes += chunk.length - start
    if (restBytes > LONGEST_LINE_BYTES)
      throw new SlmError(
        'data-line-too-long',
        `${basename(path)}: line ${number + 1} is longer than ${LONGEST_LINE_BYTES} bytes`,
        {hint: 'Check that the file is text with one row on each line.'},
      )
  }
  if (restBytes > 0) yield line(Buffer.alloc(0))
}

const NEWLINE = 10
const CARRIAGE_RETURN = 13

function decoded(decoder: TextDecoder, bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
