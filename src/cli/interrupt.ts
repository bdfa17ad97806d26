import {basename, relative} from 'node:path'
import {SlmError} from '../errors.ts'

/** How long the model may take to end its step before the process is ended from outside. */
const PATIENCE_MS = 2000

/** What Ctrl-C does while a run goes on. */
export interface Interrupt {
  /** Aborted by the first Ctrl-C (or SIGTERM): the run finishes its group of samples. */
  readonly signal: AbortSignal
  /** Aborted by the second: the run gives up its group; what is on disk stays. */
  readonly stopNow: AbortSignal
  /** Gives the signals back. */
  release(): void
}

/**
 * Once: the run may end its group. Twice: it ends with the model's running step. A third time, or when that step takes
 * too long, the process ends by the signal itself: `process.exit` would tear ONNX Runtime down in the middle of its work,
 * which aborts with a core dump. `command` is what goes on.
 */
export function interruptible(command: string, write: (text: string) => unknown): Interrupt {
  const group = new AbortController()
  const step = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const release = (): void => {
    clearTimeout(timer)
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
  const endNow = (): void => {
    release()
    write(`slm: stopped; go on with: ${command}\n`)
    process.kill(process.pid, 'SIGINT')
  }
  const onSignal = (): void => {
    if (step.signal.aborted) endNow()
    else if (group.signal.aborted) {
      write('\nslm: stopping at once\n')
      timer = setTimeout(endNow, PATIENCE_MS)
      step.abort()
    } else {
      write('\nslm: finishing this group of samples; Ctrl-C again stops at once\n')
      group.abort()
    }
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {signal: group.signal, stopNow: step.signal, release}
}

/** Adds the command that goes on to the error of an interrupted run; other errors are as they were. */
export function withCommand(error: unknown, command: string): unknown {
  if (!(error instanceof SlmError) || error.code !== 'interrupted') return error
  return new SlmError(error.code, error.message, {
    hint: `go on with: ${command}`,
    exit: error.exit,
    cause: error,
  })
}

/** The command line of this process as a shell takes it. */
export function commandLine(argv: readonly string[], folder: string): string {
  const [, script = 'slm', ...words] = argv
  const name = /\.[cm]?js$/.test(script) ? relative(folder, script) || script : basename(script)
  const program = /\.[cm]?js$/.test(name) ? ['node', name] : [name]
  return [...program, ...words].map(quoted).join(' ')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
