import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {quantizeCheckpoint} from '../../../src/onnx/checkpoint/quantize-checkpoint.ts'
import {writeCheckpoint} from '../../../src/onnx/checkpoint/write-checkpoint.ts'
import type {BuildDtype} from '../../../src/onnx/network/precision.ts'
import {countNetworkParameters} from '../../../src/onnx/network/shape.ts'
import {graphFacts} from '../../../src/onnx/read/graph-facts.ts'
import {readModel} from '../../../src/onnx/read/model.ts'
import {countParameters} from '../../../src/onnx/read/parameters.ts'
import {quantizeModel} from '../../../src/onnx/rewrite/quantize-model.ts'
import {GraphBuilder} from '../../../src/onnx/write/graph-builder.ts'
import {WeightFile} from '../../../src/onnx/write/weight-file.ts'
import {MergedModel} from '../merged-decoder.ts'
import {distance, int64, numbers, openGraph} from '../run-graph.ts'
import {ENC_DEC, openMerged, precision, weightsFor} from '../small-networks.ts'

const folder = mkdtempSync(join(tmpdir(), 'slm-'))
const SMALL = ['fp16', 'q8', 'q4', 'int8'] as const
const suffixes = {fp16: '_fp16', q8: '_q8', q4: '_q4', int8: '_int8'}
writeCheckpoint({
  folder,
  shape: ENC_DEC,
  weights: weightsFor(ENC_DEC),
  precisions: [precision('fp32')],
  tokens: {begin: 1, end: 2, pad: 0},
  provenance: {},
})

describe('quantizing a checkpoint', () => {
  it.each(SMALL)('gives what writing it in %s at once would give, branches included', async (dtype) => {
    const files = quantizeCheckpoint({folder, out: folder, precision: precision(dtype)})
    const paths = files.map(({file}) => join(folder, file))
    expect(countParameters(paths)).toBe(countNetworkParameters(ENC_DEC))
    const [decoder, encoder] = await Promise.all(paths.map((path) => openGraph(readFileSync(path), path)))
    const quantized = new MergedModel(encoder!, decoder!, ENC_DEC)
    const written = await openMerged(ENC_DEC, weightsFor(ENC_DEC), dtype)
    const logits = await Promise.all([quantized, written].map((model) => twoSteps(model)))
    expect(distance(logits[0]!, logits[1]!)).toBeLessThan(1e-3)
    expect(paths[0]).toContain(`decoder_model_merged${suffixes[dtype]}.onnx`)
  })

  it('refuses a folder without float32 graphs, and float32 as a result', () => {
    const empty = mkdtempSync(join(tmpdir(), 'slm-'))
    const attempt = (from: string, dtype: BuildDtype) => () =>
      quantizeCheckpoint({folder: from, out: from, precision: precision(dtype)})
    expect(attempt(empty, 'q4')).toThrow('holds no float32 graph')
    expect(attempt(folder, 'fp32')).toThrow('fp32 is what is quantized')
    writeFileSync(join(empty, 'genai_config.json'), '{}')
    expect(attempt(empty, 'q4')).toThrow('ONNX Runtime GenAI')
  })
})

/** A graph as exporters write them: ids reshaped before the lookup, Gemm with a bias, a head tied by a Transpose. */
function exported(weights: WeightFile | undefined, opset = 18): Uint8Array {
  const wave = (length: number, seed: number) => () =>
    Float32Array.from({length}, (_, at) => Math.sin(seed + at * at * 0.37))
  const graph = new GraphBuilder('exported', {opset, weights})
  const ids = graph.input('input_ids', 'int64', ['batch', 'length'])
  const flat = graph.node('Reshape', [ids, graph.integers([-1])])
  const table = graph.initializer('wte', 'float32', [50, 32], wave(1600, 1))
  const positions = graph.initializer('wpe', 'float32', [64, 32], wave(2048, 2))
  const x = graph.node('Add', [graph.node('Gather', [table, flat]), graph.node('Gather', [positions, flat])])
  const matrix = graph.initializer('h.weight', 'float32', [48, 32], wave(1536, 3))
  const bias = graph.initializer('h.bias', 'float32', [48], wave(48, 4))
  const inner = graph.node('Gemm', [x, matrix, bias], {attributes: {transB: 1}})
  const back = graph.initializer('onnx::MatMul_9', 'float32', [48, 32], wave(1536, 5))
  const hidden = graph.node('MatMul', [graph.node('Tanh', [inner]), back])
  const head = graph.node('Transpose', [table], {attributes: {perm: [1, 0]}})
  graph.node('MatMul', [hidden, head], {outputs: ['logits']})
  graph.output('logits', 'float32', ['rows', 50])
  return graph.toModel()
}

describe('quantizing another exporter’s graph', () => {
  const feeds = {input_ids: int64([3, 9, 27, 41], [2, 2])}

  it.each(SMALL)(
    'rounds products and tied heads to %s and keeps tables that something else reads',
    async (dtype) => {
      const whole = numbers((await (await openGraph(exported(undefined))).run(feeds))['logits'])
      const {bytes, matrices} = quantizeModel(exported(undefined), '.', precision(dtype), undefined)
      const rounded = numbers((await (await openGraph(bytes)).run(feeds))['logits'])
      expect(matrices).toBe(3)
      const error = Math.hypot(...whole.map((value, at) => value - rounded[at]!)) / Math.hypot(...whole)
      expect(error).toBeGreaterThan(0)
      expect(error).toBeLessThan({fp16: 0.002, q8: 0.02, q4: 0.25, int8: 0.06}[dtype])
      const names = new Set(readModel(bytes).graph.initializers.map(({name}) => name))
      expect(['wte', 'wpe', 'h.bias'].every((name) => names.has(name))).toBe(true)
      expect(names.has('h.weight') || names.has('onnx::MatMul_9')).toBe(false)
    },
  )

  it('reads external data and leaves none of the old file behind', async () => {
    const weights = new WeightFile(join(folder, 'old.onnx_data'))
    const bytes = exported(weights)
    weights.close()
    expect(graphFacts(readModel(bytes)).externalFiles).toEqual(['old.onnx_data'])
    const inside = quantizeModel(bytes, folder, precision('q8'), undefined)
    expect(graphFacts(readModel(inside.bytes)).externalFiles).toEqual([])
    const plain = quantizeModel(exported(undefined), '.', precision('q8'), undefined)
    const [left, right] = await Promise.all(
      [inside, plain].map(async (model) => (await openGraph(model.bytes)).run(feeds)),
    )
    expect(left!['logits']).toEqual(right!['logits'])
  })

  it('counts weights that lie in a file of any name, those of this graph alone', () => {
    const place = mkdtempSync(join(tmpdir(), 'slm-'))
    const weights = new WeightFile(join(place, 'weights.onnx_data'))
    weights.put('of another graph', () => new Float32Array(10_000))
    const bytes = exported(weights)
    weights.close()
    writeFileSync(join(place, 'model.onnx'), bytes)
    const [file] = quantizeCheckpoint({folder: place, out: place, precision: precision('fp16')})
    // Two tables, two matrices and a bias, in float32.
    const external = 4 * (1600 + 2048 + 1536 + 48 + 1536)
    expect(file!.bytesBefore - bytes.length).toBeGreaterThan(0.99 * external)
    expect(file!.bytesBefore - bytes.length).toBeLessThanOrEqual(external)
  })

  it('refuses an operator set that lacks what it writes', () => {
    expect(() => quantizeModel(exported(undefined, 11), '.', precision('q8'), undefined)).toThrow(
      'operator set 11',
    )
  })
})

async function twoSteps(model: MergedModel): Promise<Float32Array> {
  const source = await model.encode([[1, 7, 8, 9]])
  const first = await model.step(source, [[1]])
  const second = await model.step(source, [[20]], first.cache)
  return Float32Array.of(...first.logits, ...second.logits)
}
