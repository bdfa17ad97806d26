import {type FileHandle, open} from 'node:fs/promises'
import {appendLines, keepBytes} from './append-lines.ts'
import {jsonlLines} from './jsonl-lines.ts'
import type {SampleRecord} from './record.ts'
import {parseRecord, recordLine} from './record-line.ts'

/** What is known of a record that is on disk already. */
export interface DoneRecord {
  readonly task: string
  readonly index: number
  readonly id: string
  /** Bytes of the file up to the end of this record. */
  readonly end: number
}

/** The append-only file of a run. A record counts as done when it and its newline are on disk. */
export class SamplesFile {
  readonly #handle: FileHandle
  readonly #file: string
  #done: DoneRecord[]

  private constructor(handle: FileHandle, file: string, done: DoneRecord[]) {
    this.#handle = handle
    this.#file = file
    this.#done = done
  }

  /** Opens or makes the file, and cuts off a last line that was only half written. */
  static async open(file: string): Promise<SamplesFile> {
    const handle = await open(file, 'a')
    try {
      const done: DoneRecord[] = []
      for await (const {text, lineNumber, end, isComplete} of jsonlLines(file)) {
        if (!isComplete) break
        const {task, index, id} = parseRecord(text, file, lineNumber)
        done.push({task, index, id, end})
      }
      const samples = new SamplesFile(handle, file, done)
      await samples.keep(done.length)
      return samples
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** In file order. */
  get done(): readonly DoneRecord[] {
    return this.#done
  }

  /** Drops all but the first `count` records. */
  async keep(count: number): Promise<void> {
    const end = this.#done[count - 1]?.end ?? 0
    await keepBytes(this.#handle, end)
    this.#done = this.#done.slice(0, count)
  }

  /** Errors: `run-write`. */
  async append(records: readonly SampleRecord[]): Promise<void> {
    const lines = records.map(recordLine)
    await appendLines(this.#handle, this.#file, lines)
    let end = this.#done.at(-1)?.end ?? 0
    const appended = records.map(({task, index, id}, row) => {
      end += Buffer.byteLength(lines[row] ?? '')
      return {task, index, id, end}
    })
    this.#done.push(...appended)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}
