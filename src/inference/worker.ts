import {type MessagePort, parentPort} from 'node:worker_threads'
import {continuationLogprobs} from '../decode/continuation-logprobs.ts'
import {decodeAll} from '../decode/decode-all.ts'
import {type EmbeddingModel, openEmbeddingModel} from '../engine/embedding-model.ts'
import type {LanguageModel} from '../engine/language-model.ts'
import {openModel} from '../engine/open-model.ts'
import {selfTest} from '../engine/self-test.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import type {Tokenizer} from '../tokenizer/tokenizer.ts'
import {toPlainError} from './plain-error.ts'
import type {DecodeOptions} from './protocol.ts'
import type {FromWorker, ToWorker} from './worker-messages.ts'

/**
 * The thread that owns a model. ONNX Runtime's `run()` blocks the event loop of its thread for a whole step; here it
 * blocks nobody. Knows no tasks and no files but the checkpoint's.
 */
function serve(port: MessagePort): void {
  const say = (message: FromWorker): void => port.postMessage(message)
  const running = new Map<number, AbortController>()
  let opened:
    | {readonly model: LanguageModel; readonly folder: string; tokenizer?: Promise<Tokenizer>}
    | undefined
  let embedding: {readonly model: EmbeddingModel; readonly tokenizer: Tokenizer} | undefined

  const decode = async (message: Extract<ToWorker, {kind: 'decode'}>): Promise<void> => {
    const {model, folder} = opened!
    const controller = new AbortController()
    running.set(message.call, controller)
    const start = performance.now()
    const computed = model.computeMs()
    const stops = [...message.options.stopStrings, ...(message.options.generation.stop_strings ?? [])]
    if (stops.length > 0) opened!.tokenizer ??= openTokenizer(folder)
    const tokenizer = await opened!.tokenizer
    const hooks = {
      signal: controller.signal,
      ...(stops.length > 0 && tokenizer ? {stopText: stopCheck(stops, tokenizer)} : {}),
    }
    const events = decodeAll(model, message.requests, withinRows(message.options, model), hooks, {
      cacheBudgetBytes: process.availableMemory() / 4,
    })
    for await (const event of events) say({kind: 'event', call: message.call, event})
    say({
      kind: 'done',
      call: message.call,
      computeMs: model.computeMs() - computed,
      wallMs: performance.now() - start,
    })
  }

  const answer = async (message: ToWorker): Promise<void> => {
    switch (message.kind) {
      case 'open':
        opened = {model: await openModel(message.options), folder: message.options.folder}
        return say({kind: 'opened', facts: opened.model.facts})
      case 'decode':
        return decode(message).finally(() => running.delete(message.call))
      case 'self-test':
        return say({kind: 'self-tested', call: message.call, checks: await selfTest(opened!.model)})
      case 'continuations': {
        const {call, promptIds, continuations} = message
        const logprobs = await continuationLogprobs(opened!.model, promptIds, continuations)
        return say({kind: 'continued', call, logprobs})
      }
      case 'open-embedding': {
        const tokenizer = await openTokenizer(message.options.folder)
        embedding = {tokenizer, model: await openEmbeddingModel(message.options)}
        return say({kind: 'opened-embedding', facts: embedding.model.facts})
      }
      case 'embed': {
        const rows = message.texts.map((text) => embedding!.tokenizer.encode(text))
        return say({kind: 'embedded', call: message.call, vectors: await embedding!.model.embed(rows)})
      }
      case 'abort':
        running.get(message.call)?.abort()
        return
      case 'close':
        await opened?.model.close()
        await embedding?.model.close()
        say({kind: 'closed'})
        return port.close()
    }
  }

  port.on('message', (message: ToWorker) => {
    const call = 'call' in message ? message.call : undefined
    answer(message).catch((error: unknown) => say({kind: 'failed', call, error: toPlainError(error)}))
  })
}

function withinRows(options: DecodeOptions, model: LanguageModel): DecodeOptions {
  const {maxRows} = model.facts
  if (maxRows === undefined) return options
  return {
    ...options,
    batchSize: options.batchSize === 'auto' ? maxRows : Math.min(maxRows, options.batchSize),
  }
}

/** True once the text of the new ids holds a stop string. Only the tail that a new token can have completed is decoded. */
function stopCheck(stops: readonly string[], tokenizer: Tokenizer): (newIds: readonly number[]) => boolean {
  const longest = Math.max(...stops.map((stop) => stop.length))
  return (newIds) => {
    // A token gives at least one character in all but rare cases (byte pieces); the margin covers those.
    const tail = newIds.slice(-(longest + 16))
    const text = tokenizer.decode(tail)
    return stops.some((stop) => text.includes(stop))
  }
}

if (parentPort) serve(parentPort)
