import {Worker} from 'node:worker_threads'
import type {ModelFacts} from '../engine/language-model.ts'
import type {OpenModelOptions} from '../engine/open-options.ts'
import type {SelfTestCheck} from '../engine/self-test.ts'
import {fromPlainError} from './plain-error.ts'
import type {DecodeEvent, DecodeOptions, DecodeRequest} from './protocol.ts'
import type {FromWorker, ToWorker} from './worker-messages.ts'

/** A model that lives in its own thread; the caller's event loop stays free for progress, signals and requests. */
export interface Inference {
  readonly facts: ModelFacts
  /** Rows come as they finish, in any order. Aborting ends the iteration with the signal's reason. */
  decode(
    requests: readonly DecodeRequest[],
    options: DecodeOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<DecodeEvent, DecodeSummary, void>
  selfTest(): Promise<readonly SelfTestCheck[]>
  /** Natural-log probability of each continuation (ids, at least one) after the prompt. */
  continuationLogprobs(
    promptIds: readonly number[],
    continuations: readonly (readonly number[])[],
  ): Promise<readonly number[]>
  close(): Promise<void>
}

/** How much of a decode call was spent inside ONNX Runtime. */
export interface DecodeSummary {
  readonly computeMs: number
  readonly wallMs: number
}

/** Opens a checkpoint folder in a new thread. Errors: those of `openModel`. */
export async function openInference(options: OpenModelOptions): Promise<Inference> {
  const worker = startWorker()
  const mailbox = openMailbox(worker)
  worker.postMessage({kind: 'open', options} satisfies ToWorker)
  try {
    const answer = await mailbox.next(undefined)
    if (answer.kind !== 'opened') throw new Error(`the model's thread answered ${answer.kind}`)
    return inference(worker, mailbox, answer.facts)
  } catch (error) {
    await worker.terminate()
    throw error
  }
}

/** From source (tests, bin/dev.js) the thread first loads the TypeScript loader: threads do not inherit it. */
export function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url))
  const entry = JSON.stringify(new URL('./worker.ts', import.meta.url).href)
  // Named by its place: code without a file of its own looks for packages in the current folder.
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  return new Worker(`import(${loader}).then(({register}) => (register(), import(${entry})))`, {eval: true})
}

function inference(worker: Worker, mailbox: Mailbox, facts: ModelFacts): Inference {
  const say = (message: ToWorker): void => worker.postMessage(message)
  let calls = 0
  return {
    facts,
    decode: async function* (requests, options, signal) {
      const call = ++calls
      const abort = (): void => say({kind: 'abort', call})
      signal?.throwIfAborted()
      signal?.addEventListener('abort', abort, {once: true})
      say({kind: 'decode', call, requests, options})
      let isDone = false
      try {
        for (;;) {
          const answer = await mailbox.next(call)
          if (answer.kind === 'done') {
            isDone = true
            return {computeMs: answer.computeMs, wallMs: answer.wallMs}
          }
          if (answer.kind === 'event') yield answer.event
        }
      } catch (error) {
        isDone = true
        // The reason of the caller's own signal, not its copy from the other thread.
        throw signal?.aborted ? signal.reason : error
      } finally {
        signal?.removeEventListener('abort', abort)
        if (!isDone) abort()
        if (!isDone) mailbox.forget(call)
      }
    },
    selfTest: async () => {
      const call = ++calls
      say({kind: 'self-test', call})
      const answer = await mailbox.next(call)
      return answer.kind === 'self-tested' ? answer.checks : []
    },
    continuationLogprobs: async (promptIds, continuations) => {
      const call = ++calls
      say({kind: 'continuations', call, promptIds, continuations})
      const answer = await mailbox.next(call)
      return answer.kind === 'continued' ? answer.logprobs : []
    },
    close: async () => {
      say({kind: 'close'})
      await mailbox.closed()
      await worker.terminate()
    },
  }
}

export interface Mailbox {
  /** The next answer to a call; rejects with its error, or when the thread dies. */
  next(call: number | undefined): Promise<FromWorker>
  forget(call: number): void
  closed(): Promise<void>
}

/** Sorts the thread's answers by the call that they belong to. */
export function openMailbox(worker: Worker): Mailbox {
  const waiting = new Map<
    number | undefined,
    {resolve: (message: FromWorker) => void; reject: (error: Error) => void}
  >()
  const stored = new Map<number | undefined, FromWorker[]>()
  const forgotten = new Set<number>()
  let death: Error | undefined
  const closed = new Promise<void>((resolve) => {
    worker.on('exit', () => resolve())
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'closed') resolve()
    })
  })
  const die = (error: Error): void => {
    death ??= error
    for (const {reject} of waiting.values()) reject(death)
    waiting.clear()
  }
  worker.on('error', die)
  worker.on('exit', (code) =>
    die(new Error(`the model's thread ended (exit code ${code}); the machine may be out of memory`)),
  )
  worker.on('message', (message: FromWorker) => {
    const call = 'call' in message ? message.call : undefined
    const receiver = waiting.get(call)
    waiting.delete(call)
    if (call !== undefined && forgotten.has(call)) {
      if (message.kind === 'done' || message.kind === 'failed') forgotten.delete(call)
    } else if (receiver === undefined) stored.set(call, [...(stored.get(call) ?? []), message])
    else if (message.kind === 'failed') receiver.reject(fromPlainError(message.error))
    else receiver.resolve(message)
  })
  return {
    next: (call) => {
      const message = stored.get(call)?.shift()
      if (message?.kind === 'failed') return Promise.reject(fromPlainError(message.error))
      if (message !== undefined) return Promise.resolve(message)
      if (death !== undefined) return Promise.reject(death)
      return new Promise((resolve, reject) => waiting.set(call, {resolve, reject}))
    },
    forget: (call) => {
      forgotten.add(call)
      stored.delete(call)
      waiting.delete(call)
    },
    closed: () => closed,
  }
}
