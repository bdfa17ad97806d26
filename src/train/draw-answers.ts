import {rm} from 'node:fs/promises'
import {decodeAll} from '../decode/decode-all.ts'
import {DEFAULT_SETTINGS} from '../decode/generation-settings.ts'
import {openModel} from '../engine/open-model.ts'
import {SlmError} from '../errors.ts'
import {writeCheckpoint} from '../onnx/checkpoint/write-checkpoint.ts'
import type {NetworkShape} from '../onnx/network/shape.ts'
import type {Parameter} from './initial-weights.ts'
import {weightSource} from './weight-source.ts'

export interface DrawingOptions {
  /** Where the student's graphs are written for the while; removed afterwards. */
  readonly folder: string
  readonly shape: NetworkShape
  readonly tokens: {readonly begin: number; readonly end: number; readonly pad: number}
  readonly temperature: number
  readonly topK: number
  /** Longest answer, the end token included. */
  readonly maxNewTokens: number
  readonly threads: number
  readonly seed: number
}

/** A prompt that is to be answered; equal seeds draw equal answers from equal weights. */
export interface Question {
  readonly source: readonly number[]
  readonly seed: number
}

/**
 * Answers that the weights give to prompts when they are drawn at random: token ids, with the end token where it was
 * reached. The student is written as the checkpoint that it would be and decoded by the engine, so that what it learns
 * from is what it would say. Equal weights, prompts and seeds give equal answers.
 */
export async function drawAnswers(
  parameters: readonly Parameter[],
  questions: readonly Question[],
  options: DrawingOptions,
): Promise<readonly (readonly number[])[]> {
  const {folder, shape, tokens, temperature, topK, maxNewTokens, threads, seed} = options
  const precisions = [{dtype: 'fp32', blockSize: 32, accuracyLevel: 0}] as const
  const weights = weightSource(parameters)
  writeCheckpoint({folder, shape, weights, precisions, tokens, provenance: {}})
  const model = await openModel({folder, name: 'the student', threads})
  try {
    const answers: (readonly number[] | undefined)[] = questions.map(() => undefined)
    const requests = questions.map(({source, seed: own}, key) => ({key, promptIds: source, seed: own}))
    const generation = {
      ...DEFAULT_SETTINGS,
      eos_token_id: [tokens.end],
      max_new_tokens: maxNewTokens,
      do_sample: true,
      temperature,
      top_k: topK,
    }
    const decoding = {
      generation,
      batchSize: 'auto',
      topLogits: 0,
      logprobs: false,
      stopStrings: [],
      seed,
    } as const
    for await (const event of decodeAll(model, requests, decoding)) {
      if (event.kind !== 'row') continue
      if (event.row.kind === 'failed')
        throw new SlmError('draw-failed', `the student cannot answer a prompt: ${event.row.error}`, {
          hint: 'network.context must hold maxSourceTokens and maxTargetTokens; after a divergence lower the learning rate.',
        })
      answers[event.row.key] = event.row.newIds
    }
    return answers.map((answer) => answer ?? [])
  } finally {
    await model.close()
    await rm(folder, {recursive: true, force: true})
  }
}
