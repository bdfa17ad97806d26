import {readFileSync} from 'node:fs'
import type {GenerationSettings} from '../../src/decode/generation-settings.ts'
import {resolveGeneration} from '../../src/decode/resolve-generation.ts'
import {hashedLogits} from './hashed-logits.ts'
import {scriptedModel} from './scripted-model.ts'

export interface GoldenCase {
  readonly kind: 'enc-dec' | 'dec-only'
  readonly end: readonly number[]
  readonly seed: number
  readonly settings: Readonly<Record<string, unknown>>
  readonly prompt: readonly number[]
}

const DECODER_START = 2

/** The cases that transformers wrote, with their model and settings. */
export function goldenCases<Case extends GoldenCase>(name: string): readonly Case[] {
  const file = new URL(`golden/${name}.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as {readonly cases: readonly Case[]}).cases // written by the reference
}

export function goldenLogits(
  golden: GoldenCase,
  promptIds: readonly number[],
  newIds: readonly number[],
): number[] {
  const ids = golden.kind === 'enc-dec' ? [...promptIds, -1, ...newIds] : [...promptIds, ...newIds]
  return hashedLogits(ids, {vocabulary: 40, seed: golden.seed, end: golden.end, boost: 1.5})
}

export function goldenModel(golden: GoldenCase): ReturnType<typeof scriptedModel> {
  return scriptedModel({
    vocabulary: 40,
    end: golden.end,
    ...(golden.kind === 'enc-dec' ? {decoderStart: DECODER_START} : {}),
    logits: (promptIds, newIds) => goldenLogits(golden, promptIds, newIds),
  })
}

export function goldenSettings(golden: GoldenCase): GenerationSettings {
  return resolveGeneration({
    checkpoint: {},
    config: undefined,
    tokens: goldenModel(golden).facts.tokens,
    user: golden.settings,
    flags: {},
    useCheckpointSearch: false,
    defaultMaxNewTokens: 20,
  })
}
