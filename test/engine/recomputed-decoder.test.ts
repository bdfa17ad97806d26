import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {prefillWithoutCache} from '../../src/bench/process/recomputed-state.ts'
import type {DecoderState, LanguageModel} from '../../src/engine/language-model.ts'
import {openModel} from '../../src/engine/open-model.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const PROMPTS = [
  [5, 9, 30, 41, 7, 12],
  [8, 3, 22],
]

async function logitsOf(state: DecoderState): Promise<number[][]> {
  const all = [[...state.logits]]
  for (const next of [Int32Array.of(11, 6), Int32Array.of(4, 19), Int32Array.of(25, 3)]) {
    await state.step(next)
    all.push([...state.logits])
  }
  state.close()
  return all
}

function withoutCache(model: LanguageModel): Promise<DecoderState> {
  return model.prefillWithoutCache?.(PROMPTS) ?? prefillWithoutCache(model, PROMPTS)
}

describe('decoding without a cache', () => {
  it.each([
    'checkpoints/demo-enc-dec',
    'checkpoints/demo-dec-only',
    'test/fixtures/checkpoints/t5-relu',
    'test/fixtures/checkpoints/gpt2',
  ])('comes to the logits that the cache gives: %s', async (name) => {
    const model = await openModel({folder: join(root, name), name, prefixCache: false})
    const cached = (await logitsOf(await model.prefill(PROMPTS))).flat()
    const again = (await logitsOf(await withoutCache(model))).flat()
    await model.close()
    const largest = Math.max(...cached.map((value, index) => Math.abs(value - again[index]!)))
    expect(again).toHaveLength(cached.length)
    expect(largest).toBeLessThan(1e-3)
  })
})
