import type {EmbeddingFacts, OpenEmbeddingModelOptions} from '../engine/embedding-model.ts'
import {openMailbox, startWorker} from './inference.ts'
import type {ToWorker} from './worker-messages.ts'

/** A text encoder that lives in its own thread. */
export interface Embedding {
  readonly facts: EmbeddingFacts
  /** Vectors of norm 1, one for each text. */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>
  close(): Promise<void>
}

/** Opens an embedding checkpoint in a new thread. Errors: those of `openEmbeddingModel` and of its tokenizer. */
export async function openEmbedding(options: OpenEmbeddingModelOptions): Promise<Embedding> {
  const worker = startWorker()
  const mailbox = openMailbox(worker)
  const say = (message: ToWorker): void => worker.postMessage(message)
  say({kind: 'open-embedding', options})
  try {
    const opened = await mailbox.next(undefined)
    if (opened.kind !== 'opened-embedding') throw new Error(`the model's thread answered ${opened.kind}`)
    let calls = 0
    return {
      facts: opened.facts,
      embed: async (texts) => {
        const call = ++calls
        say({kind: 'embed', call, texts})
        const answer = await mailbox.next(call)
        return answer.kind === 'embedded' ? answer.vectors : []
      },
      close: async () => {
        say({kind: 'close'})
        await mailbox.closed()
        await worker.terminate()
      },
    }
  } catch (error) {
    await worker.terminate()
    throw error
  }
}
