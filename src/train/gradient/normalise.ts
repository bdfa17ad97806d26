import {fusedProduct, UNIT_GAIN} from '../../onnx/network/internal-layers.ts'
import type {GraphBuilder} from '../../onnx/write/graph-builder.ts'
import {known, type OperatorRule, onlyGradient} from './rule.ts'

/** Softmax over the last axis: dx = y (g - sum(y g)). */
export const softmax: OperatorRule = {
  outputs: ({inputs}) => [known(inputs[0])],
  backward: (use) => {
    const {graph, node} = use
    const [y = ''] = node.outputs
    const gradient = onlyGradient(use)
    const known = use.rowSums.get(y)
    if (known) return [times(graph, y, graph.node('Sub', [gradient, known()]))]
    const product = times(graph, gradient, y)
    const sum = graph.node('ReduceSum', [product, graph.integers([-1])], {attributes: {keepdims: 1}})
    return [graph.node('Sub', [product, times(graph, y, sum)])]
  },
}

/**
 * x / rms(x) * gain over the last axis; the second output is r = 1 / rms(x). With p = g x:
 * dx = g gain r - x r^3 mean(p gain), d gain = sum(p r), the sums being products with vectors.
 */
export const rootMeanSquareNorm: OperatorRule = {
  outputs: ({inputs}) => {
    const dims = known(inputs[0])
    return [dims, dims.with(-1, 1)]
  },
  backward: (use) => {
    const {graph, node, wants} = use
    const gradient = onlyGradient(use)
    const [x = '', gain = ''] = node.inputs
    const [, inverse = ''] = node.outputs
    const width = Number(known(use.inputs[0]).at(-1))
    const product = times(graph, gradient, x)
    const flat = (value: string, columns: number): string =>
      graph.node('Reshape', [value, graph.integers([-1, columns])])
    const toGain = wants(1)
      ? graph.node('Reshape', [
          fusedProduct(graph, flat(inverse, 1), flat(product, width), {isLeftTurned: true}),
          graph.integers([width]),
        ])
      : undefined
    if (!wants(0)) return [undefined, toGain]
    const cube = times(graph, inverse, times(graph, inverse, inverse))
    const mean = fusedProduct(graph, product, flat(gain, 1), {alpha: 1 / width})
    const scaled = gain.startsWith(UNIT_GAIN) ? gradient : times(graph, gradient, gain)
    const along = times(graph, x, times(graph, cube, mean))
    return [graph.node('Sub', [times(graph, scaled, inverse), along]), toGain]
  },
}

function times(graph: GraphBuilder, left: string, right: string): string {
  return graph.node('Mul', [left, right])
}
