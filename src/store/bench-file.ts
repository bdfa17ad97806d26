import {type FileHandle, open} from 'node:fs/promises'
import {join} from 'node:path'
import {SlmError} from '../errors.ts'
import {appendLines, keepBytes} from './append-lines.ts'
import {type BenchRecord, benchRecordSchema} from './bench-record.ts'
import {jsonlLines} from './jsonl-lines.ts'

export const BENCH_FILE = 'bench.jsonl'

/** The append-only file of a benchmark. A record counts when it and its newline are on disk. */
export class BenchFile {
  readonly #handle: FileHandle
  readonly #file: string
  readonly #records: BenchRecord[]

  private constructor(handle: FileHandle, file: string, records: BenchRecord[]) {
    this.#handle = handle
    this.#file = file
    this.#records = records
  }

  /** Opens or makes the file, and cuts off a last line that was only half written. */
  static async open(folder: string): Promise<BenchFile> {
    const file = join(folder, BENCH_FILE)
    const handle = await open(file, 'a')
    try {
      const records: BenchRecord[] = []
      let wholeBytes = 0
      for await (const {text, lineNumber, end, isComplete} of jsonlLines(file)) {
        if (!isComplete) break
        records.push(parsed(text, `${file}:${lineNumber}`))
        wholeBytes = end
      }
      await keepBytes(handle, wholeBytes)
      return new BenchFile(handle, file, records)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** In file order. */
  get records(): readonly BenchRecord[] {
    return this.#records
  }

  /** Errors: `run-write`. */
  async append(...records: readonly BenchRecord[]): Promise<void> {
    const lines = records.map((record) => `${JSON.stringify(benchRecordSchema.parse(record))}\n`)
    await appendLines(this.#handle, this.#file, lines)
    this.#records.push(...records)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** Streams the records of a benchmark; a last line that was only half written is left out. */
export async function* readBenchRecords(folder: string): AsyncGenerator<BenchRecord, void, void> {
  const file = join(folder, BENCH_FILE)
  for await (const {text, lineNumber, isComplete} of jsonlLines(file))
    if (isComplete) yield parsed(text, `${file}:${lineNumber}`)
}

function parsed(text: string, place: string): BenchRecord {
  const refuse = (why: string): SlmError =>
    new SlmError('run-damaged', `${place}: ${why}`, {
      hint: 'It was written by another version or changed by hand: restore it, or remove the run folder and measure again.',
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse('is not JSON')
  }
  const checked = benchRecordSchema.safeParse(value)
  if (checked.success) return checked.data
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : 'nothing'
  throw refuse(`is not a record of a benchmark (kind ${kind})`)
}
