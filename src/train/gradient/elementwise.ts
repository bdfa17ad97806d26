import {
  areEqual,
  type BackwardUse,
  known,
  type NodeUse,
  type OperatorRule,
  onlyGradient,
  reshaped,
} from './rule.ts'
import type {Size} from './size.ts'
import type {Dims} from './tape.ts'

export const add: OperatorRule = binary((_, gradient) => [() => gradient, () => gradient])

export const subtract: OperatorRule = binary(({graph}, gradient) => [
  () => gradient,
  () => graph.node('Neg', [gradient]),
])

export const multiply: OperatorRule = binary(({graph, node}, gradient) => {
  const [left = '', right = ''] = node.inputs
  return [() => graph.node('Mul', [gradient, right]), () => graph.node('Mul', [gradient, left])]
})

export const divide: OperatorRule = binary(({graph, node}, gradient) => {
  const [, right = ''] = node.inputs
  const [quotient = ''] = node.outputs
  const share = (): string => graph.node('Div', [gradient, right])
  return [share, () => graph.node('Neg', [graph.node('Mul', [share(), quotient])])]
})

/** GELU in its tanh form: x s with s = sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3). */
export const gelu: OperatorRule = {
  outputs: ({inputs}) => [known(inputs[0])],
  backward: (use) => {
    const {graph, node} = use
    const gradient = onlyGradient(use)
    const [x = ''] = node.inputs
    const [y = ''] = node.outputs
    const times = (left: string, right: string): string => graph.node('Mul', [left, right])
    const plus = (left: string, right: string): string => graph.node('Add', [left, right])
    const scale = 2 * Math.sqrt(2 / Math.PI)
    const square = times(x, x)
    const inner = plus(times(square, graph.float(scale * 0.044715)), graph.float(scale))
    const share = graph.node('Sigmoid', [times(x, inner)])
    const slope = plus(times(square, graph.float(3 * scale * 0.044715)), graph.float(scale))
    // y' = s + x s (1 - s) (2u)' = s + (y - y s) (2u)'
    const rest = graph.node('Sub', [y, times(y, share)])
    return [times(gradient, plus(share, times(rest, slope)))]
  },
}

type Products = readonly [() => string, () => string]

function binary(products: (use: BackwardUse, gradient: string) => Products): OperatorRule {
  return {
    outputs: (use) => [broadcast(use)],
    backward: (use) => {
      const made = products(use, onlyGradient(use))
      return made.map((product, input) => (use.wants(input) ? summedTo(use, product(), input) : undefined))
    },
  }
}

function broadcast({inputs}: NodeUse): Dims {
  const [left, right] = inputs
  if (left === undefined || right === undefined) return known(left ?? right)
  const rank = Math.max(left.length, right.length)
  const at = (dims: Dims, axis: number): Size => dims[axis - rank + dims.length] ?? 1
  return Array.from({length: rank}, (_, axis) => (at(left, axis) === 1 ? at(right, axis) : at(left, axis)))
}

/** Sums a gradient over the axes along which an operand was repeated. */
function summedTo({graph, node, inputs, outputs}: BackwardUse, gradient: string, input: number): string {
  const from = known(outputs[0])
  const to = known(inputs[input])
  if (areEqual(from, to)) return gradient
  const axes = from.flatMap((dim, axis) => ((to[axis - from.length + to.length] ?? 1) === dim ? [] : [axis]))
  const sum = graph.node('ReduceSum', [gradient, graph.integers(axes)], {attributes: {keepdims: 1}})
  if (from.length === to.length) return sum
  const left = from.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
  return reshaped(graph, sum, left, to, node.inputs[input] ?? '')
}
