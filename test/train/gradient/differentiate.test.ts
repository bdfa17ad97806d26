import {describe, expect, it} from 'vitest'
import {type GradientCase, gradientError} from '../check-gradient.ts'

type Write = GradientCase['write']
const A = [2, 3, 4]

const binary = (operator: string, right: readonly number[], low = -1): GradientCase => ({
  parameters: {a: A, b: right},
  low,
  write: (graph) => ({value: graph.node(operator, ['a', 'b']), dims: A}),
})
const unary = (write: Write, a: readonly number[] = A): GradientCase => ({parameters: {a}, write})

const CASES: Readonly<Record<string, GradientCase>> = {
  'Add, repeated over rows': binary('Add', [4]),
  'Sub, repeated along an inner axis': binary('Sub', [2, 1, 4]),
  Mul: binary('Mul', A),
  'Mul with one value twice': unary((graph) => ({value: graph.node('Mul', ['a', 'a']), dims: A})),
  'Mul with a constant': unary((graph) => ({value: graph.node('Mul', ['a', graph.float(3)]), dims: A})),
  Div: binary('Div', [3, 1], 0.5),
  'Gelu in its tanh form': unary((graph) => ({
    value: graph.node('Gelu', [graph.node('Mul', ['a', graph.float(3)])], {
      attributes: {approximate: 'tanh'},
    }),
    dims: A,
  })),
  'MatMul with one matrix': {
    parameters: {a: A, b: [4, 5]},
    write: (graph) => ({value: graph.node('MatMul', ['a', 'b']), dims: [2, 3, 5]}),
  },
  'MatMul of batches': {
    parameters: {a: A, b: [2, 4, 2]},
    write: (graph) => ({value: graph.node('MatMul', ['a', 'b']), dims: [2, 3, 2]}),
  },
  'FusedMatMul of batches by transposed batches, with a factor': {
    parameters: {a: A, b: [2, 5, 4]},
    write: (graph) => {
      const attributes = {transA: 0, transB: 1, alpha: {float: 0.5}}
      const value = graph.node('FusedMatMul', ['a', 'b'], {domain: 'com.microsoft', attributes})
      return {value, dims: [2, 3, 5]}
    },
  },
  'FusedMatMul of batches by batches': {
    parameters: {a: A, b: [2, 4, 2]},
    write: (graph) => {
      const attributes = {transA: 0, transB: 0, alpha: {float: 2}}
      const value = graph.node('FusedMatMul', ['a', 'b'], {domain: 'com.microsoft', attributes})
      return {value, dims: [2, 3, 2]}
    },
  },
  'Softmax whose result is multiplied': {
    parameters: {a: A, b: [2, 4, 2]},
    write: (graph) => {
      const shares = graph.node('Softmax', ['a'], {attributes: {axis: -1}})
      return {value: graph.node('MatMul', [shares, 'b']), dims: [2, 3, 2]}
    },
  },
  'Softmax whose result is multiplied and read again': {
    parameters: {a: A, b: [2, 4, 4]},
    write: (graph) => {
      const shares = graph.node('Softmax', ['a'], {attributes: {axis: -1}})
      return {value: graph.node('Add', [graph.node('MatMul', [shares, 'b']), shares]), dims: A}
    },
  },
  RotaryEmbedding: unary((graph) => {
    const angles = [0, 0.3, 0.9, 1.4, 2, 3]
    const table = (name: string, value: (angle: number) => number): string =>
      graph.initializer(name, 'float32', [3, 2], () => Float32Array.from(angles, value))
    const inputs = ['a', graph.integers([0]), table('cosines', Math.cos), table('sines', Math.sin)]
    return {value: graph.node('RotaryEmbedding', inputs, {domain: 'com.microsoft'}), dims: A}
  }),
  Softmax: unary((graph) => ({value: graph.node('Softmax', ['a'], {attributes: {axis: -1}}), dims: A})),
  'SimplifiedLayerNormalization, input and gain': {
    parameters: {a: A, b: [4]},
    write: (graph) => {
      const attributes = {axis: -1, epsilon: {float: 1e-6}, stash_type: 1}
      const [value = ''] = graph.nodes('SimplifiedLayerNormalization', ['a', 'b'], 2, {attributes})
      return {value, dims: A}
    },
  },
  'Gather of some rows': unary(
    (graph) => ({
      value: graph.node('Gather', [graph.node('Identity', ['a']), graph.integers([2, 0])]),
      dims: [2, 2],
    }),
    [3, 2],
  ),
  Identity: unary((graph) => ({value: graph.node('Identity', ['a']), dims: A})),
  Reshape: unary((graph) => ({
    value: graph.node('Reshape', ['a', graph.integers([0, -1, 2])]),
    dims: [2, 6, 2],
  })),
  Transpose: unary((graph) => ({
    value: graph.node('Transpose', ['a'], {attributes: {perm: [2, 0, 1]}}),
    dims: [4, 2, 3],
  })),
  'Split and Concat, one part unused': unary((graph) => {
    const [first = '', , third = ''] = graph.nodes('Split', ['a', graph.integers([1, 1, 2])], 3, {
      attributes: {axis: -1},
    })
    return {value: graph.node('Concat', [third, first], {attributes: {axis: 2}}), dims: [2, 3, 3]}
  }),
}

describe.each([1, 2])('gradients at %i threads', (threads) => {
  for (const [name, test] of Object.entries(CASES))
    it(`agree with central differences: ${name}`, async () => {
      expect(await gradientError(test, threads)).toBeLessThan(2e-3)
    })
})
