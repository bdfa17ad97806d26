import {type FileHandle, open} from 'node:fs/promises'
import {join} from 'node:path'
import {RUN_FILES} from '../store/read-run.ts'
import {parseRecord} from '../store/record-line.ts'
import type {Sample, Side} from './side.ts'

/** What a sample was asked and what it answered. */
export interface SampleText {
  readonly answer: string
  readonly references: readonly string[] | undefined
}

/** Reads texts of single samples from where they stand. Close it afterwards. */
export class TextReader {
  readonly #folder: string
  #handle: FileHandle | undefined

  constructor({path}: Pick<Side, 'path'>) {
    this.#folder = path
  }

  /** Undefined where the text was not kept, and for a failed sample. */
  async textOf(sample: Sample | undefined): Promise<SampleText | undefined> {
    if (sample?.status !== 'scored' || sample.text.kind === 'missing') return undefined
    if (sample.text.kind === 'text') return {answer: sample.text.answer, references: undefined}
    const {from, end} = sample.text
    const file = join(this.#folder, RUN_FILES.samples)
    this.#handle ??= await open(file)
    const {buffer} = await this.#handle.read(Buffer.alloc(end - from), 0, end - from, from)
    const record = parseRecord(buffer.toString('utf8'), file, 0)
    return record.status === 'scored' ? {answer: record.answer, references: record.references} : undefined
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }
}

/** The answers of all samples that have one, by id. */
export async function readAnswers(
  side: Side,
  samples: ReadonlyMap<string, Sample>,
): Promise<ReadonlyMap<string, string>> {
  const reader = new TextReader(side)
  const answers = new Map<string, string>()
  try {
    for (const [id, sample] of samples) {
      const text = await reader.textOf(sample)
      if (text !== undefined) answers.set(id, text.answer)
    }
    return answers
  } finally {
    await reader.close()
  }
}
