import type {JudgeConfig} from '../../config/judge-config.ts'
import {SlmError} from '../../errors.ts'
import {generationFor} from '../../inference/checkpoint-generation.ts'
import {type Inference, openInference} from '../../inference/inference.ts'
import {type ResolvedModel, resolveModel} from '../../inference/resolve-model.ts'
import {isTrainedJudge} from '../../inference/shipped-checkpoints.ts'
import type {JudgeCard} from '../../store/judgement.ts'
import {openTokenizer} from '../../tokenizer/open-tokenizer.ts'
import type {ChatMessage, Tokenizer} from '../../tokenizer/tokenizer.ts'
import type {Judge, LostRequest, WeighingJudge, WritingJudge} from '../judge.ts'
import {batchedDecoding} from './batched-decoding.ts'
import {readMeasured} from './measured-judge.ts'
import {readTrainedJudge, type TrainedJudge} from './trained-judge.ts'
import {continuationIds, plainConversation, probabilitiesOf} from './verdict-words.ts'

export type LocalJudgeConfig = Pick<
  JudgeConfig,
  'verdict' | 'parallel' | 'maxTokens' | 'temperature' | 'seed' | 'dtype' | 'device' | 'threads'
>

/** A checkpoint as a judge needs it; tests hand in another one. */
export interface LocalModel {
  readonly resolved: ResolvedModel
  readonly tokenizer: Tokenizer
  readonly inference: Pick<Inference, 'facts' | 'decode' | 'continuationLogprobs' | 'close'>
}

/** Opens a checkpoint of either architecture as a judge, with answers that do not depend on the batch (`exact`). */
export async function openLocalJudge(model: string, config: LocalJudgeConfig): Promise<Judge> {
  const resolved = await resolveModel(model)
  const tokenizer = await openTokenizer(resolved.folder)
  const {dtype, device, threads} = config
  const weighs = config.verdict === 'likelihood' || isTrainedJudge(resolved.folder)
  // Probabilities are records: their last bits may not hang on what was asked before.
  const prefixCache = weighs ? false : undefined
  const inference = await openInference({...resolved, dtype, device, threads, exact: true, prefixCache})
  return localJudge({resolved, tokenizer, inference}, config)
}

export async function localJudge(model: LocalModel, config: LocalJudgeConfig): Promise<Judge> {
  const {resolved, inference} = model
  const {facts} = inference
  const files = {kind: 'checkpoint', name: resolved.name, digest: facts.digest, dtype: facts.dtype} as const
  try {
    const trained = await readTrainedJudge(resolved.folder)
    if (trained !== undefined) {
      const measured = await readMeasured(resolved.folder, facts.digest)
      const said = {note: trained.note, ...(measured === undefined ? {} : {measured})}
      return weighing(model, {...files, verdict: 'likelihood', ...said}, trained)
    }
    const identity = {...files, verdict: config.verdict}
    return config.verdict === 'likelihood'
      ? weighing(model, identity, undefined)
      : await writing(model, identity, config)
  } catch (error) {
    await inference.close()
    throw error
  }
}

async function writing(
  model: LocalModel,
  identity: JudgeCard['judge'],
  {parallel, maxTokens, temperature, seed}: LocalJudgeConfig,
): Promise<WritingJudge> {
  const {resolved, tokenizer, inference} = model
  const generation = await generationFor({
    folder: resolved.folder,
    facts: inference.facts,
    generation: undefined,
    flags: {maxNewTokens: maxTokens, temperature},
    defaultMaxNewTokens: maxTokens,
  })
  const decode = batchedDecoding(inference, {
    generation,
    batchSize: parallel,
    topLogits: 0,
    logprobs: false,
    stopStrings: [],
    seed,
  })
  return {
    kind: 'writing',
    identity,
    settings: {temperature, maxTokens, seed},
    reply: async ({messages, vote, attempt}) => {
      const promptIds = promptOf(model, messages).ids
      const tooLong = whyTooLong(model, promptIds, 1)
      if (tooLong !== undefined) return tooLong
      const row = await decode({promptIds, seed: 1000 * vote + attempt})
      if (row.kind === 'failed') return {kind: 'failed', why: row.error}
      return {
        kind: 'text',
        text: tokenizer.decode(row.newIds),
        isCut: row.finish === 'length',
        usage: {promptTokens: promptIds.length, completionTokens: row.newIds.length},
      }
    },
    close: () => inference.close(),
  }
}

function weighing(
  model: LocalModel,
  identity: JudgeCard['judge'],
  trained: TrainedJudge | undefined,
): WeighingJudge {
  const {tokenizer, inference} = model
  const isDecoderOnly = inference.facts.architecture === 'dec-only'
  return {
    kind: 'weighing',
    identity,
    settings:
      trained === undefined
        ? {}
        : {prompt: trained.prompt, marks: trained.marks, verdicts: [...trained.verdicts]},
    trained,
    weigh: async ({messages, words}) => {
      const prompt = trained === undefined ? promptOf(model, messages) : trainedPromptOf(model, messages)
      const continuations = words.map((word) => continuationIds(tokenizer, prompt, word, isDecoderOnly))
      const alike = words.find((_, at) => continuations[at]!.length === 0)
      if (alike !== undefined)
        throw new SlmError(
          'judge-words',
          `the tokenizer of ${model.resolved.name} has no tokens for "${alike}"`,
        )
      const tooLong = whyTooLong(model, prompt.ids, Math.max(...continuations.map(({length}) => length)))
      if (tooLong !== undefined) return tooLong
      return probabilitiesOf(await inference.continuationLogprobs(prompt.ids, continuations))
    },
    close: () => inference.close(),
  }
}

/** Through the chat template where there is one; else as plain text that ends where the reply begins. */
function promptOf({tokenizer}: LocalModel, messages: readonly ChatMessage[]) {
  const isChat = tokenizer.hasChatTemplate
  const text = isChat ? tokenizer.chat(messages) : plainConversation(messages)
  return {text, isChat, ids: tokenizer.encode(text, {addSpecialTokens: !isChat})}
}

/** As it was trained: the prompt alone, without a conversation around it. */
function trainedPromptOf({tokenizer}: LocalModel, messages: readonly ChatMessage[]) {
  const text = messages.map(({content}) => content).join('')
  return {text, isChat: false, ids: tokenizer.encode(text)}
}

/** Nothing of a question may be cut, so one that does not fit is not judged. */
function whyTooLong(
  {inference}: LocalModel,
  promptIds: readonly number[],
  newTokens: number,
): LostRequest | undefined {
  const {contextLength, architecture} = inference.facts
  const wanted = promptIds.length + (architecture === 'dec-only' ? newTokens : 0)
  if (contextLength === undefined || wanted <= contextLength) return undefined
  return {
    kind: 'failed',
    why: `the question has ${promptIds.length} tokens, the judge has room for ${contextLength}`,
  }
}
