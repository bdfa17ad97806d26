import type {GraphBuilder} from '../onnx/write/graph-builder.ts'

export interface LossOptions {
  /** Weight of the mean squared log of the softmax's denominator, which keeps logits small (PaLM, arXiv 2204.02311). */
  readonly zLoss: number
  /** Learn from a teacher's logits; undefined: from the labels alone. */
  readonly distillation: Distillation | undefined
}

export interface Distillation {
  /** Share of the teacher; 1 - alpha is that of the labels. */
  readonly alpha: number
  /** Both distributions are softened by it; the loss is scaled by its square (Hinton et al. 2015). */
  readonly temperature: number
}

/**
 * Adds the loss over all positions and returns its gradient by the logits (positions, vocabulary).
 *
 * Inputs: `labels` int64 (positions); `loss_weights` (positions), 0 hides a position, their sum over the step is 1;
 * `target_weights` (count), the same for the answer's positions alone; with distillation `teacher_logits`
 * (positions, vocabulary). Outputs, all natural logarithms: `loss`; `target_loss`, the cross-entropy under `target_weights`;
 * `teacher_loss`, KL(teacher || student) at the temperature under `target_weights`.
 */
export function addLoss(
  graph: GraphBuilder,
  logits: string,
  vocabulary: number,
  options: LossOptions,
): string {
  const {zLoss, distillation} = options
  const weights = graph.input('loss_weights', 'float32', ['positions'])
  const targetWeights = graph.input('target_weights', 'float32', ['positions'])
  const labels = column(graph, graph.input('labels', 'int64', ['positions']))
  const at = (values: string): string =>
    graph.node('GatherElements', [values, labels], {attributes: {axis: 1}})
  const logs = graph.node('LogSoftmax', [logits], {attributes: {axis: 1}})
  const label = at(logs)
  const normaliser = graph.node('Sub', [at(logits), label])
  const labelShare = 1 - (distillation?.alpha ?? 0)
  const entropy = negated(graph, weightedSum(graph, label, column(graph, weights)))
  giveScalar(graph, negated(graph, weightedSum(graph, label, column(graph, targetWeights))), 'target_loss')
  const squares = graph.node('Mul', [normaliser, normaliser])
  const spread = weightedSum(graph, squares, column(graph, weights))
  const parts = [scaled(graph, entropy, labelShare), scaled(graph, spread, zLoss)]
  const taught = distillation && addTeacher(graph, logits, logs, targetWeights, vocabulary, distillation)
  if (taught) parts.push(scaled(graph, taught.loss, distillation.alpha * distillation.temperature ** 2))
  giveScalar(graph, graph.node('Sum', parts), 'loss')

  // d/dz = w ((1 - alpha) (p - label) + 2 zLoss log(sum exp z) p) + the teacher's part
  const weight = column(graph, weights)
  const labelWeight = scaled(graph, weight, labelShare)
  const pull = graph.node('Mul', [weight, scaled(graph, normaliser, 2 * zLoss)])
  const probabilities = graph.node('Exp', [logs])
  const push = graph.node('Mul', [probabilities, graph.node('Add', [labelWeight, pull])])
  const gradient = graph.node('ScatterElements', [push, labels, negated(graph, labelWeight)], {
    attributes: {axis: 1, reduction: 'add'},
  })
  return taught ? graph.node('Add', [gradient, taught.gradient]) : gradient
}

/** Forward KL; d/dz = w alpha T (softmax(z / T) - softmax(teacher / T)), alpha and T^2 being the loss's scale. */
function addTeacher(
  graph: GraphBuilder,
  logits: string,
  logs: string,
  weights: string,
  vocabulary: number,
  {alpha, temperature}: Distillation,
): {readonly loss: string; readonly gradient: string} {
  const teacher = graph.input('teacher_logits', 'float32', ['positions', vocabulary])
  const soft = (values: string): string =>
    graph.node('LogSoftmax', [scaled(graph, values, 1 / temperature)], {attributes: {axis: 1}})
  const student = temperature === 1 ? logs : soft(logits)
  const wanted = soft(teacher)
  const wantedShare = graph.node('Exp', [wanted])
  const divergences = graph.node('ReduceSum', [
    graph.node('Mul', [wantedShare, graph.node('Sub', [wanted, student])]),
    graph.integers([1]),
  ])
  const loss = weightedSum(graph, divergences, column(graph, weights))
  giveScalar(graph, loss, 'teacher_loss')
  const difference = graph.node('Sub', [graph.node('Exp', [student]), wantedShare])
  const scale = scaled(graph, column(graph, weights), alpha * temperature)
  return {loss, gradient: graph.node('Mul', [difference, scale])}
}

function column(graph: GraphBuilder, vector: string): string {
  return graph.node('Unsqueeze', [vector, graph.integers([1])])
}

/** Of two columns: a scalar. */
function weightedSum(graph: GraphBuilder, values: string, weights: string): string {
  const product = graph.node('Mul', [values, weights])
  return graph.node('ReduceSum', [product], {attributes: {keepdims: 0}})
}

function negated(graph: GraphBuilder, value: string): string {
  return graph.node('Neg', [value])
}

function scaled(graph: GraphBuilder, value: string, factor: number): string {
  return factor === 1 ? value : graph.node('Mul', [value, graph.float(factor)])
}

function giveScalar(graph: GraphBuilder, value: string, output: string): void {
  graph.node('Identity', [value], {outputs: [output]})
  graph.output(output, 'float32', [])
}
