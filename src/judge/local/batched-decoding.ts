import {setImmediate} from 'node:timers/promises'
import type {Inference} from '../../inference/inference.ts'
import type {DecodedRow, DecodeOptions, DecodeRequest} from '../../inference/protocol.ts'

type Question = Omit<DecodeRequest, 'key'>

interface Waiting {
  readonly question: Question
  readonly resolve: (row: DecodedRow) => void
  readonly reject: (error: unknown) => void
}

/** Decodes questions that are asked about the same time together; a call waits until the one before it has ended. */
export function batchedDecoding(
  inference: Pick<Inference, 'decode'>,
  options: DecodeOptions,
): (question: Question) => Promise<DecodedRow> {
  let waiting: Waiting[] = []
  let isRunning = false
  const run = async (): Promise<void> => {
    isRunning = true
    // Those that are asked in the same turn come along.
    await setImmediate()
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await decodeBatch(inference, batch, options)
    }
    isRunning = false
  }
  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({question, resolve, reject})
      if (!isRunning) void run()
    })
}

async function decodeBatch(
  inference: Pick<Inference, 'decode'>,
  batch: readonly Waiting[],
  options: DecodeOptions,
): Promise<void> {
  const requests = batch.map(({question}, key) => ({...question, key}))
  try {
    for await (const event of inference.decode(requests, options))
      if (event.kind === 'row') batch[event.row.key]!.resolve(event.row)
    for (const {reject} of batch) reject(new Error('the model gave no answer')) // those with one are settled
  } catch (error) {
    for (const {reject} of batch) reject(error)
  }
}
