import {basename, relative} from 'node:path'
import {SlmError} from '../errors.ts'

/** What Ctrl-C does while a run goes on. */
export interface Interrupt {
  /** Aborted by the first Ctrl-C (or SIGTERM): the run finishes its group of samples. */
  readonly signal: AbortSignal
  /** Gives the signals back. */
  release(): void
}

/**
 * Once: the run may end its group. Twice: the process ends at once; what is on disk stays, and the next start drops a
 * half-written line. Both times `command` is what goes on.
 */
export function interruptible(command: string, write: (text: string) => unknown): Interrupt {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      write(`\nslm: stopped at once; go on with:\n  ${command}\n`)
      process.exit(130)
    }
    write('\nslm: finishing this group of samples; Ctrl-C again stops at once\n')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
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
