import type {GraphBuilder} from '../../onnx/write/graph-builder.ts'
import {known, type OperatorRule, onlyGradient} from './rule.ts'

/** Softmax over the last axis: dx = y g - y sum(y g). */
export const softmax: OperatorRule = {
  outputs: ({inputs}) => [known(inputs[0])],
  backward: (use) => {
    const {graph, node} = use
    const [y = ''] = node.outputs
    const product = graph.node('Mul', [onlyGradient(use), y])
    const sum = graph.node('ReduceSum', [product, graph.integers([-1])], {attributes: {keepdims: 1}})
    return [graph.node('Sub', [product, graph.node('Mul', [y, sum])])]
  },
}

/**
 * x / rms(x) * gain over the last axis; the second output is 1 / rms(x). With u = x / rms(x) and h = g gain:
 * dx = (h - u mean(h u)) / rms(x), d gain = sum(g u).
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
    const unit = times(graph, x, inverse)
    const rank = known(use.inputs[0]).length
    const leading = Array.from({length: rank - 1}, (_, axis) => axis)
    const toGain = wants(1)
      ? graph.node('ReduceSum', [times(graph, gradient, unit), graph.integers(leading)], {
          attributes: {keepdims: 0},
        })
      : undefined
    if (!wants(0)) return [undefined, toGain]
    const scaled = times(graph, gradient, gain)
    const mean = graph.node('ReduceMean', [times(graph, scaled, unit), graph.integers([-1])], {
      attributes: {keepdims: 1},
    })
    const across = graph.node('Sub', [scaled, times(graph, unit, mean)])
    return [times(graph, across, inverse), toGain]
  },
}

function times(graph: GraphBuilder, left: string, right: string): string {
  return graph.node('Mul', [left, right])
}
