import type {GraphBuilder} from '../write/graph-builder.ts'
import {type NetworkGraph, unitNorm} from './block.ts'
import {blockProduct, integerProduct, type MatrixShape, type Precision, storeBlocks} from './precision.ts'
import {quantizeRows, toHalf} from './quantized.ts'
import {embeddingMatrix} from './shape.ts'
import type {WeightSource} from './weight-source.ts'

/** The embedding table and, since it is tied, the output head. Both read one stored matrix. */
export interface Embedding {
  /** ids (batch, length) -> (batch, length, width) */
  lookUp(ids: string): string
  /** (..., width) -> (..., vocabulary) */
  logits(hidden: string): string
}

/** In q8 and q4 the table has 8 bits: it is the input of everything, and 4 bits cost it most. */
const TABLE_BITS = 8

/** The network's own embedding, brought to unit size where the shape says so. */
export function tokenEmbedding(network: NetworkGraph): Embedding {
  const {graph, shape, weights, precision} = network
  const table = embedding(graph, embeddingMatrix(shape), weights, precision)
  if (!shape.hasUnitEmbedding) return table
  return {...table, lookUp: (ids) => unitNorm(network, table.lookUp(ids), shape.width)}
}

export function embedding(
  graph: GraphBuilder,
  matrix: MatrixShape,
  weights: WeightSource,
  precision: Precision,
): Embedding {
  const {name, outputs, inputs} = matrix
  switch (precision.dtype) {
    case 'fp32':
      return floatTable(graph, () =>
        graph.initializer('embedding', 'float32', [outputs, inputs], () => weights(name)),
      )
    case 'fp16':
      return halfTable(graph, matrix, weights)
    case 'int8':
      return integerTable(graph, matrix, weights)
    case 'q8':
    case 'q4':
      return blockTable(graph, matrix, weights, precision)
  }
}

function floatTable(graph: GraphBuilder, table: () => string): Embedding {
  return {
    lookUp: (ids) => graph.node('Gather', [table(), ids]),
    logits: (hidden) => graph.node('MatMul', [hidden, turn(graph, table())]),
  }
}

function halfTable(
  graph: GraphBuilder,
  {name, outputs, inputs}: MatrixShape,
  weights: WeightSource,
): Embedding {
  const table = (): string =>
    graph.initializer(name, 'float16', [outputs, inputs], () => toHalf(weights(name)))
  const widen = (value: string): string => graph.node('Cast', [value], {attributes: {to: 1}})
  return {
    lookUp: (ids) => widen(graph.node('Gather', [table(), ids])),
    logits: (hidden) => graph.node('MatMul', [hidden, turn(graph, widen(table()))]),
  }
}

function integerTable(
  graph: GraphBuilder,
  {name, outputs, inputs}: MatrixShape,
  weights: WeightSource,
): Embedding {
  const store = (): readonly [string, string] => {
    const rounded = (): ReturnType<typeof quantizeRows> => quantizeRows(weights(name), outputs, inputs)
    return [
      graph.initializer(`${name}.codes`, 'int8', [outputs, inputs], () => rounded().codes),
      graph.initializer(`${name}.scales`, 'float32', [outputs], () => rounded().scales),
    ]
  }
  return {
    lookUp: (ids) => {
      const [codes, scales] = store()
      const values = graph.node('Cast', [graph.node('Gather', [codes, ids])], {attributes: {to: 1}})
      const scale = graph.node('Unsqueeze', [graph.node('Gather', [scales, ids]), graph.integers([-1])])
      return graph.node('Mul', [values, scale])
    },
    logits: (hidden) => {
      const [codes, scales] = store()
      return integerProduct(graph, hidden, turn(graph, codes), scales)
    },
  }
}

function blockTable(
  graph: GraphBuilder,
  matrix: MatrixShape,
  weights: WeightSource,
  precision: Precision,
): Embedding {
  return {
    lookUp: (ids) => {
      const [codes, scales] = storeBlocks(graph, matrix, weights, precision.blockSize, TABLE_BITS)
      const {blockSize} = precision
      const blocks = Math.ceil(matrix.inputs / blockSize)
      // The operator wants scales of the table's rank, and gives (batch, length, blocks, block).
      const shaped = graph.node('Reshape', [scales, graph.integers([matrix.outputs, blocks, 1])])
      const found = graph.node('GatherBlockQuantized', [codes, ids, shaped], {
        domain: 'com.microsoft',
        attributes: {bits: TABLE_BITS, block_size: blockSize, gather_axis: 0, quantize_axis: 2},
      })
      const flat = graph.node('Reshape', [found, graph.integers([0, 0, blocks * blockSize])])
      if (blocks * blockSize === matrix.inputs) return flat
      return graph.node('Slice', [
        flat,
        graph.integers([0]),
        graph.integers([matrix.inputs]),
        graph.integers([2]),
      ])
    },
    logits: (hidden) => blockProduct(graph, hidden, matrix, '', weights, precision, TABLE_BITS),
  }
}

function turn(graph: GraphBuilder, table: string): string {
  return graph.node('Transpose', [table], {attributes: {perm: [1, 0]}})
}
