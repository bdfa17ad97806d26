import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, describe, expect, it} from 'vitest'
import {writeCheckpoint} from '../../../src/onnx/checkpoint/write-checkpoint.ts'
import {BUILD_DTYPES} from '../../../src/onnx/network/precision.ts'
import {countNetworkParameters} from '../../../src/onnx/network/shape.ts'
import {countParameters} from '../../../src/onnx/read/parameters.ts'
import {GraphBuilder} from '../../../src/onnx/write/graph-builder.ts'
import {WeightFile} from '../../../src/onnx/write/weight-file.ts'
import {DEC_ONLY, ENC_DEC, precision, weightsFor} from '../small-networks.ts'

const folder = mkdtempSync(join(tmpdir(), 'slm-'))
const normal = (seed: number, length: number): Float32Array =>
  Float32Array.from({length}, (_, index) => Math.sin(seed + index * index * 0.7))

describe('counting parameters', () => {
  it('gives the shipped checkpoints their size', () => {
    const shipped = fileURLToPath(new URL('../../../checkpoints/', import.meta.url))
    const graphs = ['encoder_model', 'decoder_model_merged'].map(
      (name) => `${shipped}demo-enc-dec/onnx/${name}.onnx`,
    )
    expect(countParameters(graphs)).toBe(160_082)
    expect(countParameters([`${shipped}demo-dec-only/onnx/model.onnx`])).toBe(159_810)
  })

  const suffixes = {fp32: '', fp16: '_fp16', q8: '_q8', q4: '_q4', int8: '_int8'}
  it.each(BUILD_DTYPES)('gives a network the same size in %s, encoder and decoder together', (dtype) => {
    for (const shape of [ENC_DEC, DEC_ONLY]) {
      const names = shape === ENC_DEC ? ['encoder_model', 'decoder_model_merged'] : ['model']
      const tokens = {begin: 1, end: 2, pad: 0}
      const plan = {
        folder,
        shape,
        weights: weightsFor(shape),
        precisions: [precision(dtype)],
        tokens,
        provenance: {},
      }
      writeCheckpoint(plan)
      const paths = names.map((name) => join(folder, 'onnx', `${name}${suffixes[dtype]}.onnx`))
      expect(countParameters(paths)).toBe(countNetworkParameters(shape))
    }
  })

  it('counts a head once that is a transposed copy of the embedding, and another one besides', () => {
    const table = normal(1, 20 * 33)
    const turned = Float32Array.from(
      {length: 20 * 33},
      (_, at) => table[(at % 20) * 33 + Math.floor(at / 20)]!,
    )
    const model = (head: Float32Array): string => {
      const graph = new GraphBuilder('tied', {opset: 20, weights: undefined})
      const ids = graph.input('input_ids', 'int64', ['batch', 'length'])
      const x = graph.node('Gather', [graph.initializer('table', 'float32', [20, 33], () => table), ids])
      graph.node('MatMul', [x, graph.initializer('onnx::MatMul_7', 'float32', [33, 20], () => head)], {
        outputs: ['logits'],
      })
      graph.output('logits', 'float32', ['batch', 'length', 20])
      const path = join(folder, 'tied.onnx')
      writeFileSync(path, graph.toModel())
      return path
    }
    expect(countParameters([model(turned)])).toBe(660)
    expect(countParameters([model(normal(2, 660))])).toBe(1320)
  })

  it('counts equal biases of different layers each, and scalars, shapes and rotation tables not at all', () => {
    const graph = new GraphBuilder('biases', {opset: 20, weights: undefined})
    let x = graph.input('x', 'float32', ['batch', 8])
    for (const layer of [0, 1]) {
      x = graph.node('Add', [
        x,
        graph.initializer(`layer.${layer}.bias`, 'float32', [8], () => new Float32Array(8)),
      ])
      x = graph.node('Mul', [x, graph.float(0.5)])
      x = graph.node('Reshape', [x, graph.integers([0, 8])])
    }
    x = graph.node('Mul', [x, graph.initializer('inv_freq', 'float32', [8], () => normal(3, 8))])
    graph.output(x, 'float32', ['batch', 8])
    const path = join(folder, 'biases.onnx')
    writeFileSync(path, graph.toModel())
    expect(countParameters([path])).toBe(16)
  })

  it('counts a weight in external data once that two graphs point to', () => {
    const weights = new WeightFile(join(folder, 'shared.data'))
    afterAll(() => weights.close())
    const paths = ['one', 'two'].map((name) => {
      const graph = new GraphBuilder(name, {opset: 20, weights})
      const x = graph.input('x', 'float32', ['batch', 64])
      const y = graph.node('MatMul', [
        x,
        graph.initializer('weight', 'float32', [64, 48], () => normal(4, 64 * 48)),
      ])
      graph.output(y, 'float32', ['batch', 48])
      writeFileSync(join(folder, `${name}.onnx`), graph.toModel())
      return join(folder, `${name}.onnx`)
    })
    expect(weights.bytes).toBe(64 * 48 * 4)
    expect(countParameters(paths)).toBe(64 * 48)
  })
})
