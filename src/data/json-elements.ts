import {createReadStream} from 'node:fs'
import {basename} from 'node:path'
import {TextDecoder} from 'node:util'
import {SlmError} from '../errors.ts'

export type JsonElement =
  | {readonly kind: 'value'; readonly value: unknown}
  | {readonly kind: 'bad'; readonly error: string}

/** Where the scan stands between two bytes. The elements are at depth 1 of `[...]` and at depth 2 of `{"data": [...]}`. */
interface Scan {
  depth: number
  inString: boolean
  isEscaped: boolean
  /** Depth of the elements once their array has begun; 0 before; -1 once it has ended. */
  elementDepth: number
  /** Bytes of the element that is being read; of the last key before the array has begun. */
  readonly parts: Buffer[]
}

/**
 * Elements of the array that a JSON document is, or that stands under its key `data`, in bounded memory: bytes are
 * scanned for strings and brackets only, and each element alone goes through JSON.parse, so that one broken element
 * is one bad element. What surrounds the array is not checked.
 */
export async function* jsonElements(path: string): AsyncGenerator<JsonElement, void, void> {
  const name = basename(path)
  const scan: Scan = {depth: 0, inString: false, isEscaped: false, elementDepth: 0, parts: []}
  const decoder = new TextDecoder('utf-8', {fatal: true})
  let isFirst = true
  for await (const chunk of createReadStream(path, {highWaterMark: 2 ** 18}) as AsyncIterable<Buffer>) {
    if (isFirst) expectDocument(chunk, name)
    isFirst = false
    for (const bytes of elementsIn(chunk, scan)) yield parse(bytes, decoder)
    if (scan.elementDepth < 0) return
  }
  throw notJson(
    name,
    scan.elementDepth === 0
      ? 'it holds neither an array nor an object with an array "data"'
      : 'it ends early',
  )
}

const LONGEST_KEY_BYTES = 1024
const LONGEST_ELEMENT_BYTES = 2 ** 28

function* elementsIn(chunk: Buffer, scan: Scan): Generator<Buffer, void, void> {
  let start = 0
  for (let place = 0; place < chunk.length; place++) {
    const byte = chunk[place]!
    if (scan.inString) {
      if (scan.isEscaped) scan.isEscaped = false
      else if (byte === BACKSLASH) scan.isEscaped = true
      else if (byte === QUOTE) scan.inString = false
      continue
    }
    if (byte === QUOTE) {
      scan.inString = true
      if (scan.elementDepth === 0) {
        scan.parts.length = 0
        start = place
      }
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      scan.depth += 1
      if (
        scan.elementDepth === 0 &&
        byte === OPEN_BRACKET &&
        beginsRows(scan, chunk.subarray(start, place))
      ) {
        scan.elementDepth = scan.depth
        scan.parts.length = 0
        start = place + 1
      }
    } else if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (byte !== COMMA) scan.depth -= 1
      const ends = byte !== COMMA && scan.depth < scan.elementDepth
      if (scan.elementDepth === 0 || !(ends || (byte === COMMA && scan.depth === scan.elementDepth))) continue
      const bytes = Buffer.concat([...scan.parts.splice(0), chunk.subarray(start, place)])
      start = place + 1
      if (ends) scan.elementDepth = -1
      if (!ends || bytes.some((part) => part > SPACE)) yield bytes
      if (ends) return
    }
  }
  scan.parts.push(chunk.subarray(start))
  keepBounded(scan)
}

/** A key longer than a few bytes is not `data`; an element has to fit into a string. */
function keepBounded(scan: Scan): void {
  const bytes = scan.parts.reduce((sum, part) => sum + part.length, 0)
  if (scan.elementDepth === 0 && bytes > LONGEST_KEY_BYTES) scan.parts.length = 0
  if (bytes > LONGEST_ELEMENT_BYTES)
    throw new SlmError('data-row-too-long', `a JSON element is longer than ${LONGEST_ELEMENT_BYTES} bytes`, {
      hint: 'Check that the quotes and brackets of the file are closed.',
    })
}

/** Whether the bracket that was just counted opens the array of rows. */
function beginsRows(scan: Scan, tail: Buffer): boolean {
  if (scan.depth === 1) return true
  return scan.depth === 2 && /^"data"\s*:\s*$/.test(Buffer.concat([...scan.parts, tail]).toString())
}

function expectDocument(chunk: Buffer, name: string): void {
  const text = chunk
    .subarray(0, 1024)
    .toString()
    .replace(/^\ufeff/, '')
    .trimStart()
  if (text[0] !== '[' && text[0] !== '{')
    throw notJson(name, `it begins with ${JSON.stringify(text.slice(0, 20))}`)
}

function parse(bytes: Buffer, decoder: TextDecoder): JsonElement {
  try {
    return {kind: 'value', value: JSON.parse(decoder.decode(bytes))}
  } catch (error) {
    return {
      kind: 'bad',
      error: `not JSON: ${String(error instanceof Error ? error.message : error).slice(0, 120)}`,
    }
  }
}

function notJson(name: string, why: string): SlmError {
  return new SlmError('data-format', `${name} is not a JSON file of rows: ${why}`, {
    hint: 'Give an array of objects, the official SQuAD form {"data": [...]}, or JSON Lines in a file ending in .jsonl.',
  })
}

const QUOTE = 34
const COMMA = 44
const OPEN_BRACKET = 91
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const SPACE = 32
