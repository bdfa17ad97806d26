/**
 * One training step against what ONNX Runtime's matrix products alone reach on this machine: milliseconds of graph and
 * optimizer, GFLOP/s of the graph, GFLOP/s of the same products run one by one (forward, and both gradients of each),
 * the share of that rate that the step keeps, the optimizer's share of the step, the share of padding, and the process's
 * largest memory.
 *
 *   node --import tsx bench/train-step.ts [--arch enc-dec|dec-only] [--batch 32] [--source 96] [--target 24] [--spread 0]
 *     [--width 192] [--layers 6] [--vocabulary 1024] [--optimizer muon|adamw] [--threads 2] [--steps 7]
 *
 * `--spread 0.5` draws lengths from half of --source and --target on; a real training's batches, sorted by length, are near
 * 0.3. The longest batches of configs/train/codex-enc-dec.yaml: --source 224 --target 200 --width 256 --vocabulary 4096.
 * Padding is work in attention alone, for the step and for the products beside it.
 *
 * Steps and products are measured in turn, and the best of all rounds is shown, which other load on the machine disturbs
 * least. Not a test: figures depend on the machine and on what else it does.
 */
import {parseArgs} from 'node:util'
import {type ArrayGraph, openArrayGraph, type TensorArray} from '../src/engine/array-graph.ts'
import {shapeOf} from '../src/onnx/network/plan.ts'
import {keyWidth, type NetworkShape, queryWidth} from '../src/onnx/network/shape.ts'
import {GraphBuilder} from '../src/onnx/write/graph-builder.ts'
import {seededRandom} from '../src/stats/random.ts'
import {type Batch, toBatch} from '../src/train/batch.ts'
import {initialWeights} from '../src/train/initial-weights.ts'
import {Trainer} from '../src/train/trainer.ts'
import {trainingFlops} from '../src/train/training-flops.ts'
import {trainingGraph} from '../src/train/training-graph.ts'

const {values} = parseArgs({
  options: {
    arch: {type: 'string', default: 'enc-dec'},
    batch: {type: 'string', default: '32'},
    source: {type: 'string', default: '96'},
    target: {type: 'string', default: '24'},
    spread: {type: 'string', default: '0'},
    width: {type: 'string', default: '192'},
    layers: {type: 'string', default: '6'},
    vocabulary: {type: 'string', default: '1024'},
    optimizer: {type: 'string', default: 'muon'},
    threads: {type: 'string', default: '2'},
    steps: {type: 'string', default: '7'},
  },
})
const [width, layers, rows, threads] = [values.width, values.layers, values.batch, values.threads].map(
  Number,
) as [number, number, number, number]
const isEncoderDecoder = values.arch === 'enc-dec'
const wish = {
  vocabulary: Number(values.vocabulary),
  contextLength: 1024,
  width,
  heads: width / 32,
  keyValueHeads: width / 32,
  headSize: 32,
  hasBiases: false,
}
const shape: NetworkShape = {
  ...(isEncoderDecoder
    ? shapeOf(wish, Math.round((2 * layers) / 3), Math.round(layers / 3))
    : shapeOf(wish, 0, layers)),
  hasUnitHeads: true,
  hasUnitEmbedding: true,
}

function randomBatch(): Batch {
  const {below, float} = seededRandom(1)
  const tokens = (length: number): number[] => Array.from({length}, () => 3 + below(wish.vocabulary - 3))
  const examples = Array.from({length: rows}, (_, row) => {
    const part = row === 0 ? 1 : 1 - Number(values.spread) * float()
    return {
      source: tokens(Math.max(1, Math.round(part * Number(values.source)))),
      target: tokens(Math.max(1, Math.round(part * Number(values.target)))),
    }
  })
  return toBatch(examples, {isEncoderDecoder, rows, beginToken: 1, padToken: 0, sourceWeight: 0.2})
}

/** A product of the network: `batch` times (m, k) by (k, n), `count` times in a forward pass. */
interface Product {
  readonly batch: number
  readonly m: number
  readonly k: number
  readonly n: number
  readonly count: number
}

function products(sizes: Batch['shape']): readonly Product[] {
  const {sourceLength, targetLength} = sizes
  const source = sizes.sourceTokens ?? rows * sourceLength
  const target = sizes.targetTokens ?? rows * targetLength
  const {encoderLayers, decoderLayers, feedForward, vocabulary, headSize, heads, keyValueHeads} = shape
  const [queries, keys, group] = [queryWidth(shape), keyWidth(shape), heads / keyValueHeads]
  const linear = (m: number, k: number, n: number, count: number): Product => ({batch: 1, m, k, n, count})
  const attention = (asked: number, read: number, count: number): readonly Product[] => [
    {batch: rows * keyValueHeads, m: group * asked, k: headSize, n: read, count},
    {batch: rows * keyValueHeads, m: group * asked, k: read, n: headSize, count},
  ]
  const stack = (tokens: number, length: number, count: number): readonly Product[] => [
    linear(tokens, width, queries + 2 * keys, count),
    linear(tokens, queries, width, count),
    linear(tokens, width, feedForward, count),
    linear(tokens, feedForward, width, count),
    ...attention(length, length, count),
  ]
  const cross = [
    linear(target, width, queries, decoderLayers),
    linear(target, queries, width, decoderLayers),
    linear(source, width, 2 * keys, decoderLayers),
    ...attention(targetLength, sourceLength, decoderLayers),
  ]
  return [
    ...(isEncoderDecoder ? [...stack(source, sourceLength, encoderLayers), ...cross] : []),
    ...stack(target, targetLength, decoderLayers),
    linear(sizes.countedTokens ?? target, width, vocabulary, 1),
  ]
}

interface OpenProduct {
  readonly count: number
  readonly graph: ArrayGraph
  readonly inputs: Record<string, TensorArray>
  readonly outputs: Record<string, TensorArray>
}

/** The product and its two gradients, as the training graph has them. */
async function openProducts({batch, m, k, n, count}: Product): Promise<readonly OpenProduct[]> {
  const dims = (one: number, two: number): number[] => (batch === 1 ? [one, two] : [batch, one, two])
  const forms = [
    {left: dims(m, k), right: dims(k, n), out: dims(m, n), transA: 0, transB: 0},
    {left: dims(m, n), right: dims(k, n), out: dims(m, k), transA: 0, transB: 1},
    {left: dims(m, k), right: dims(m, n), out: dims(k, n), transA: 1, transB: 0},
  ]
  return Promise.all(
    forms.map(async ({left, right, out, transA, transB}) => {
      const graph = new GraphBuilder('product', {opset: 20, weights: undefined})
      graph.input('left', 'float32', left)
      graph.input('right', 'float32', right)
      const attributes = {transA, transB, alpha: {float: 1}}
      graph.node('FusedMatMul', ['left', 'right'], {
        attributes,
        domain: 'com.microsoft',
        outputs: ['product'],
      })
      graph.output('product', 'float32', out)
      const array = (axes: number[]): TensorArray => ({
        data: new Float32Array(axes.reduce((a, b) => a * b, 1)).fill(0.01),
        dims: axes,
      })
      return {
        count,
        graph: await openArrayGraph(graph.toModel(), threads),
        inputs: {left: array(left), right: array(right)},
        outputs: {product: array(out)},
      }
    }),
  )
}

/** A product alone finds its numbers in no cache the first time; in the step they have just been made. */
const PRODUCT_RUNS = 4

const batch = randomBatch()
const loss = {zLoss: 1e-4, distillation: undefined}
const {parameters} = trainingGraph({shape, loss, results: 'logits'})
const optimizer = {
  kind: values.optimizer === 'adamw' ? ('adamw' as const) : ('muon' as const),
  learningRate: 0.007,
  otherLearningRate: 0.003,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  clip: 1,
}
const trainer = await Trainer.open(
  {shape, loss, optimizer, threads, nowMs: () => performance.now()},
  initialWeights(shape, parameters, 1),
)
// The first step opens the graph and warms caches; what it needs is the training's own memory.
await trainer.step([{batch}], 1, 1)
const peakBytes = 1024 * process.resourceUsage().maxRSS
const opened = (await Promise.all(products(batch.shape).map(openProducts))).flat()
const graphMs: number[] = []
const optimizerMs: number[] = []
const productMs: number[] = []
for (let step = 2; step < 2 + Number(values.steps); step++) {
  const result = await trainer.step([{batch}], step, 1)
  let total = 0
  for (const {count, graph, inputs, outputs} of opened) {
    const samples: number[] = []
    for (let run = 0; run < PRODUCT_RUNS; run++) {
      const start = performance.now()
      await graph.run(inputs, outputs)
      samples.push(performance.now() - start)
    }
    total += count * Math.min(...samples)
  }
  graphMs.push(result.graphMs)
  optimizerMs.push(result.optimizerMs)
  productMs.push(total)
}
await trainer.close()
const flops = trainingFlops(shape, batch.shape)
const [graph, other, alone] = [Math.min(...graphMs), Math.min(...optimizerMs), Math.min(...productMs)]
const count = [...parameters.values()].reduce((sum, dims) => sum + dims.reduce((a, b) => a * b, 1), 0)
const percent = (share: number): string => `${(100 * share).toFixed(1)}%`
const {sourceLength, targetLength} = batch.shape
const positions = rows * (sourceLength + targetLength)
console.log(
  `${values.arch}, ${count.toLocaleString('en-US')} parameters, ${rows} rows of ${sourceLength} + ${targetLength}, ${threads} threads`,
)
console.log(
  `${batch.tokens} tokens a step, ${percent(1 - batch.tokens / positions)} of the positions are padding`,
)
console.log(`graph ${graph.toFixed(1)} ms, ${(flops / graph / 1e6).toFixed(1)} GFLOP/s`)
console.log(`products alone ${alone.toFixed(1)} ms, ${(flops / alone / 1e6).toFixed(1)} GFLOP/s`)
console.log(`share of the products' rate ${percent(alone / graph)}`)
console.log(`optimizer ${other.toFixed(1)} ms, ${percent(other / (graph + other))} of the step`)
console.log(`${Math.round((1000 * batch.tokens) / (graph + other))} tokens/s`)
console.log(`${(peakBytes / 1e9).toFixed(2)} GB at the peak, weights and this program included`)
