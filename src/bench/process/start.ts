import {type ChildProcess, fork} from 'node:child_process'
import {SlmError} from '../../errors.ts'
import type {FromMeasured, ToMeasured} from './messages.ts'

/** A measured process from outside. */
export interface MeasuredProcess {
  readonly pid: number
  /** Asks and waits for the answer of that kind. Errors: what the process said, or how it ended. */
  ask<Kind extends FromMeasured['kind']>(
    message: ToMeasured,
    kind: Kind,
  ): Promise<Extract<FromMeasured, {kind: Kind}>>
  /** Closes the model and waits for the process to end; after that nothing of it is left. */
  close(): Promise<void>
  /** Ends it at once. */
  kill(): void
}

/** Characters of the process's stderr that are kept for the report of its death. */
const KEPT_STDERR = 2000

/** Starts a program in a fresh process and waits until it is loaded. `script`: a module that calls `serve`. */
export async function startMeasured(script: URL, signal?: AbortSignal): Promise<MeasuredProcess> {
  signal?.throwIfAborted()
  // From source the process needs the TypeScript loader, by its place: the current folder may not have it.
  const isSource = script.pathname.endsWith('.ts')
  const child = fork(script, {
    execArgv: isSource ? ['--import', import.meta.resolve('tsx')] : [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const line = openLine(child)
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  signal?.addEventListener('abort', kill, {once: true})
  const release = (): void => signal?.removeEventListener('abort', kill)
  child.once('exit', release)
  await line.next('ready')
  return {
    pid: child.pid!, // a process that said it is ready has one
    ask: (message, kind) => {
      child.send(message)
      return line.next(kind)
    },
    close: async () => {
      child.send({kind: 'close'} satisfies ToMeasured)
      await line.next('closed')
      await line.ended
    },
    kill,
  }
}

/** Asks a fresh process one thing and lets it end. Errors: as `ask`. */
export async function askFresh<Kind extends FromMeasured['kind']>(
  script: URL,
  message: ToMeasured,
  kind: Kind,
  signal?: AbortSignal,
): Promise<Extract<FromMeasured, {kind: Kind}>> {
  const measured = await startMeasured(script, signal)
  try {
    return await measured.ask(message, kind)
  } finally {
    await measured.close().catch(() => measured.kill())
  }
}

interface Line {
  next<Kind extends FromMeasured['kind']>(kind: Kind): Promise<Extract<FromMeasured, {kind: Kind}>>
  readonly ended: Promise<void>
}

/** One answer for each question, in order; a death answers whatever is open. */
function openLine(child: ChildProcess): Line {
  let waiting: {resolve: (message: FromMeasured) => void; reject: (error: Error) => void} | undefined
  const stored: FromMeasured[] = []
  let death: Error | undefined
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_STDERR)
  })
  child.on('message', (message: FromMeasured) => {
    if (waiting === undefined) stored.push(message)
    else waiting.resolve(message)
    waiting = undefined
  })
  const die = (error: Error): void => {
    death ??= error
    waiting?.reject(death)
    waiting = undefined
  }
  child.on('error', die)
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      die(deathOf(code, signal, stderr))
      resolve()
    })
  })
  const receive = (): Promise<FromMeasured> => {
    const message = stored.shift()
    if (message !== undefined) return Promise.resolve(message)
    if (death !== undefined) return Promise.reject(death)
    return new Promise((resolve, reject) => {
      waiting = {resolve, reject}
    })
  }
  return {
    ended,
    next: async (kind) => {
      const message = await receive()
      if (message.kind === 'failed') throw failureOf(message)
      if (message.kind !== kind) throw new Error(`the measured process answered ${message.kind}, not ${kind}`)
      return message as Extract<FromMeasured, {kind: typeof kind}> // its kind was checked
    },
  }
}

function failureOf({message, code, hint}: Extract<FromMeasured, {kind: 'failed'}>): Error {
  return code === undefined
    ? new Error(message)
    : new SlmError(code, message, hint === undefined ? {} : {hint})
}

function deathOf(code: number | null, signal: string | null, stderr: string): Error {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`
  const why = signal === 'SIGKILL' ? '; the system may have been out of memory' : ''
  const last = stderr.trim().split('\n').at(-1) ?? ''
  return new Error(`the measured process ended (${how}${why})${last === '' ? '' : `: ${last}`}`)
}
