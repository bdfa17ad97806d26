import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {beforeAll, describe, expect, it} from 'vitest'
import {countNetworkParameters} from '../../../src/onnx/network/shape.ts'
import {muShape, parseMuConfig} from '../../../src/onnx/pytorch/mu-config.ts'
import {readMuFile} from '../../../src/onnx/pytorch/mu-file.ts'
import {hasMuBiases, muWeights} from '../../../src/onnx/pytorch/mu-weights.ts'
import type {StateDict} from '../../../src/onnx/pytorch/state-dict.ts'
import {bestOfLast, type MergedModel} from '../merged-decoder.ts'
import {distance} from '../run-graph.ts'
import {openMerged} from '../small-networks.ts'

interface Pair {
  readonly input_ids: readonly number[]
  readonly decoder_input_ids: readonly number[]
  readonly logits: readonly (readonly number[])[]
}
interface Expected {
  readonly cases: readonly {label: string; input_ids: readonly number[]; greedy: readonly number[]}[]
  readonly pairs: readonly Pair[]
  readonly padInsideDecoder: Pair
}

const folder = fileURLToPath(new URL('../../fixtures/mu/', import.meta.url))
const config = parseMuConfig(JSON.parse(readFileSync(`${folder}config.json`, 'utf8')), 'config.json')
const expected: Expected = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8'))
const {weights} = readMuFile(`${folder}model.pt`)
const shape = muShape(config, hasMuBiases(weights))

describe('the paper’s network from its own code', () => {
  let model: MergedModel
  beforeAll(async () => {
    model = await openMerged(shape, muWeights(weights, shape, false, 'model.pt'), 'fp32')
  })

  it('has as many parameters as the state dict without its tied head', () => {
    const counted = [...weights]
      .filter(([name]) => name !== 'lm_head.weight')
      .reduce((sum, [, {dims}]) => sum + dims.reduce((product, dim) => product * dim, 1), 0)
    expect(countNetworkParameters(shape)).toBe(counted)
  })

  it.each(expected.cases)('gives the reference’s greedy ids: $label', async ({input_ids, greedy}) => {
    const source = await model.encode([input_ids])
    let {logits, cache} = await model.step(source, [[1]])
    const ids = [1, bestOfLast(logits, shape.vocabulary)]
    while (ids.length < greedy.length) {
      ;({logits, cache} = await model.step(source, [[ids.at(-1)!]], cache))
      ids.push(bestOfLast(logits, shape.vocabulary))
    }
    expect(ids).toEqual(greedy)
  })

  it.each([...expected.pairs, expected.padInsideDecoder].map((pair, index) => ({index, pair})))(
    'gives the reference’s logits within 1e-4, at once and step by step: pair $index',
    async ({pair}) => {
      const source = await model.encode([pair.input_ids])
      const whole = await model.step(source, [pair.decoder_input_ids])
      expect(distance(whole.logits, pair.logits.flat())).toBeLessThan(1e-4)
      let cache: Awaited<ReturnType<typeof model.step>>['cache'] | undefined
      for (const [position, id] of pair.decoder_input_ids.entries()) {
        const step = await model.step(source, [[id]], cache)
        expect(distance(step.logits, pair.logits[position]!)).toBeLessThan(1e-4)
        cache = step.cache
      }
    },
  )
})

describe('weights that do not fit', () => {
  const load = (changed: StateDict, changes: object = {}) =>
    muWeights(changed, muShape({...config, ...changes}, true), false, 'model.pt')

  it('names a weight that is missing', () => {
    const fewer = new Map([...weights].filter(([name]) => name !== 'transformer.ln_e.weight'))
    expect(() => load(fewer)).toThrow('lacks the weight transformer.ln_e.weight')
  })

  it('names a weight that the configuration has no place for', () => {
    expect(() => load(weights, {n_encoder_layer: 2})).toThrow(/transformer\.e\.2\.\S+ is no weight/)
  })

  it('names a weight of another shape', () => {
    expect(() => load(weights, {hidden_dim: 81})).toThrow(
      /transformer\.e\.0\.mlp\.fc1\.weight has shape \(80, 32\)/,
    )
  })

  it('refuses a head that is not tied to the embedding', () => {
    const other = {dims: [648, 32], read: () => new Float32Array(648 * 32)}
    expect(() => load(new Map([...weights, ['lm_head.weight', other]]))).toThrow('lm_head.weight differs')
  })
})

describe('the head order', () => {
  it('is the identity when keys are interleaved', () => {
    const plain = muWeights(weights, shape, true, 'model.pt')('encoder.0.attention.output.weight')
    expect(plain).toEqual(weights.get('transformer.e.0.attn.out_linear.weight')!.read())
  })
})

describe('the configuration', () => {
  it.each([
    [{...config, n_head: 5}, '96 is not a multiple of n_head 5'],
    [{...config, n_kv_head: 4}, 'n_head 6 is not a multiple of n_kv_head 4'],
    [{...config, n_embd: 'wide'}, 'n_embd'],
    ['none', 'the configuration'],
  ])('is refused by the field that is wrong', (value, message) => {
    expect(() => parseMuConfig(value, 'config.json')).toThrow(message)
  })

  it('takes the width of the network where qkv_embd is null', () => {
    const parsed = parseMuConfig({...config, qkv_embd: null, n_embd: 36, n_head: 6}, 'config.json')
    expect(muShape(parsed, true).headSize).toBe(6)
  })
})
