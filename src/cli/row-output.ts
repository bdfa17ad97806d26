import {once} from 'node:events'
import {createWriteStream} from 'node:fs'
import {SlmError} from '../errors.ts'
import type {GenerateHooks} from '../eval/generate.ts'

export interface RowOutput {
  readonly hooks: GenerateHooks
  write(row: unknown): Promise<void>
  rows(): number
  /** Ends the file; gives back the rows that were kept. */
  end(): Promise<readonly unknown[] | undefined>
}

const PROGRESS_INTERVAL_MS = 2000

/**
 * Where the rows of `slm generate` go: a file, standard output, or memory under --json. Notes and progress go to
 * stderr; Ctrl-C ends the decoding after the present step, and what was written stays.
 */
export function openRowOutput(options: {
  readonly file: string | undefined
  readonly isKept: boolean
}): RowOutput {
  const stream = options.file === undefined ? process.stdout : createWriteStream(options.file)
  const kept: unknown[] = []
  const opened = options.file === undefined ? Promise.resolve() : openedFile(stream, options.file)
  opened.catch(() => {})
  const interruption = interruptible()
  let rows = 0
  let reported = performance.now()
  const start = reported
  return {
    hooks: {
      input: process.stdin,
      signal: interruption.signal,
      onOpen: (notes) => {
        for (const note of notes) process.stderr.write(`note: ${note}\n`)
      },
      onProgress: ({newTokens}) => {
        const now = performance.now()
        if (now - reported < PROGRESS_INTERVAL_MS) return
        reported = now
        const rate = newTokens / ((now - start) / 1000)
        process.stderr.write(`${rows} rows, ${newTokens} tokens, ${rate.toFixed(1)} tokens/s\n`)
      },
    },
    write: async (row) => {
      await opened
      rows += 1
      if (options.isKept) kept.push(row)
      else if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, 'drain')
    },
    rows: () => rows,
    end: async () => {
      interruption.release()
      await opened
      if (options.file !== undefined) await new Promise<void>((resolve) => stream.end(() => resolve()))
      return options.isKept ? kept : undefined
    },
  }
}

async function openedFile(stream: NodeJS.WritableStream, file: string): Promise<void> {
  try {
    await once(stream, 'open')
  } catch (cause) {
    throw new SlmError('out-not-writable', `--out ${file} cannot be written`, {
      hint: 'Check that its folder exists and can be written to.',
      cause,
    })
  }
}

/** A signal that Ctrl-C aborts; a second Ctrl-C ends the process at once. */
function interruptible(): {readonly signal: AbortSignal; release(): void} {
  const controller = new AbortController()
  const stop = (): void => {
    process.once('SIGINT', () => process.exit(130))
    controller.abort(
      new SlmError('interrupted', 'interrupted; the rows that were written are complete', {exit: 130}),
    )
  }
  process.once('SIGINT', stop)
  return {signal: controller.signal, release: () => process.removeListener('SIGINT', stop)}
}
