import {range, sizeOf} from '../onnx/network/masks.ts'
import type {GraphBuilder} from '../onnx/write/graph-builder.ts'

export interface LossOptions {
  /** Weight of the mean squared log of the softmax's denominator, which keeps logits small (PaLM, arXiv 2204.02311). */
  readonly zLoss: number
  /** Learn from a teacher's logits; undefined: from the labels alone. */
  readonly distillation: Distillation | undefined
  /** Share of the labels' cross-entropy; 1 - alpha, or 1 without a teacher, when absent. */
  readonly labelShare?: number | undefined
}

export interface Distillation {
  /** Share of the teacher; 1 - alpha is that of the labels. */
  readonly alpha: number
  /** Both distributions are softened by it; the loss is scaled by its square (Hinton et al. 2015). */
  readonly temperature: number
}

/** What the loss reads of the positions that count. */
export interface LossInputs {
  /** Indices of the positions with a weight, int64 (counted). */
  readonly counted: string
  /** int64 (positions) */
  readonly allLabels: string
  /** Indices of all positions, int64 (positions). */
  all(): string
  /** int64 (counted, 1) */
  readonly labels: string
  /** (counted, 1) each */
  readonly weights: string
  readonly targetWeights: string
}

/**
 * Adds the loss's inputs: `labels` int64 (positions); `loss_weights` (positions), 0 hides a position, their sum over the
 * step is 1; `target_weights` (positions), the same for the answer's positions alone.
 */
export function addLossInputs(graph: GraphBuilder): LossInputs {
  const weights = graph.input('loss_weights', 'float32', ['positions'])
  const targetWeights = graph.input('target_weights', 'float32', ['positions'])
  const labels = graph.input('labels', 'int64', ['positions'])
  const counted = graph.node('Reshape', [graph.node('NonZero', [weights]), graph.integers([-1])])
  const column = (vector: string): string =>
    graph.node('Unsqueeze', [graph.node('Gather', [vector, counted]), graph.integers([1])])
  return {
    counted,
    allLabels: labels,
    all: () => range(graph, graph.integer(0), sizeOf(graph, labels, 0)),
    labels: column(labels),
    weights: column(weights),
    targetWeights: column(targetWeights),
  }
}

/**
 * Adds the loss and returns its gradient by the logits (counted, vocabulary). With distillation there are two more inputs,
 * `teacher_logits` (judged, vocabulary), and `teacher_rows` int64 (positions), which of them belongs to a position; any
 * where `target_weights` is 0. Outputs, all natural logarithms: `loss`; `target_loss`, the cross-entropy under
 * `target_weights`; `teacher_loss`, KL(teacher || student) at the temperature under `target_weights`.
 */
export function addLoss(
  graph: GraphBuilder,
  logits: string,
  inputs: LossInputs,
  vocabulary: number,
  {zLoss, distillation, labelShare = 1 - (distillation?.alpha ?? 0)}: LossOptions,
): string {
  const {labels, weights, targetWeights} = inputs
  const student = softened(graph, logits, 1)
  const wanted = graph.node('GatherElements', [logits, labels], {attributes: {axis: 1}})
  const surprise = graph.node('Sub', [student.normaliser, wanted])
  giveScalar(graph, weightedSum(graph, surprise, targetWeights), 'target_loss')
  const squares = graph.node('Mul', [student.normaliser, student.normaliser])
  const parts = [
    scaled(graph, weightedSum(graph, surprise, weights), labelShare),
    scaled(graph, weightedSum(graph, squares, weights), zLoss),
  ]
  const taught = distillation && addTeacher(graph, logits, student, inputs, vocabulary, distillation)
  if (taught) parts.push(scaled(graph, taught.loss, distillation.alpha * distillation.temperature ** 2))
  giveScalar(graph, graph.node('Sum', parts), 'loss')

  // d/dz = w ((1 - alpha) (p - label) + 2 zLoss log(sum exp z) p) + the teacher's part
  const labelWeight = scaled(graph, weights, labelShare)
  const pull = graph.node('Mul', [weights, scaled(graph, student.normaliser, 2 * zLoss)])
  const push = graph.node('Mul', [student.shares, graph.node('Add', [labelWeight, pull])])
  const gradient = graph.node('ScatterElements', [push, labels, graph.node('Neg', [labelWeight])], {
    attributes: {axis: 1, reduction: 'add'},
  })
  return taught ? graph.node('Add', [gradient, taught.gradient]) : gradient
}

interface Softened {
  /** logits / temperature (counted, vocabulary) */
  readonly logits: string
  /** Their softmax. */
  readonly shares: string
  /** Log of the sum of their exponentials (counted, 1). */
  readonly normaliser: string
}

/** The likeliest token tells the normaliser, since its share is never too small for a logarithm. */
function softened(graph: GraphBuilder, logits: string, temperature: number): Softened {
  const values = scaled(graph, logits, 1 / temperature)
  const shares = graph.node('Softmax', [values], {attributes: {axis: 1}})
  const largest = (of: string): string => graph.node('ReduceMax', [of, graph.integers([1])])
  const normaliser = graph.node('Sub', [largest(values), graph.node('Log', [largest(shares)])])
  return {logits: values, shares, normaliser}
}

/** Forward KL; d/dz = w alpha T (softmax(z / T) - softmax(teacher / T)), alpha and T^2 being the loss's scale. */
function addTeacher(
  graph: GraphBuilder,
  logits: string,
  plain: Softened,
  {counted, targetWeights}: LossInputs,
  vocabulary: number,
  {alpha, temperature}: Distillation,
): {readonly loss: string; readonly gradient: string} {
  const judged = graph.input('teacher_logits', 'float32', ['judged', vocabulary])
  const rows = graph.node('Gather', [graph.input('teacher_rows', 'int64', ['positions']), counted])
  const teacher = softened(graph, graph.node('Gather', [judged, rows]), temperature)
  const student = temperature === 1 ? plain : softened(graph, logits, temperature)
  const gap = graph.node('Mul', [teacher.shares, graph.node('Sub', [teacher.logits, student.logits])])
  const divergences = graph.node('Add', [
    graph.node('ReduceSum', [gap, graph.integers([1])]),
    graph.node('Sub', [student.normaliser, teacher.normaliser]),
  ])
  const loss = weightedSum(graph, divergences, targetWeights)
  giveScalar(graph, loss, 'teacher_loss')
  const difference = graph.node('Sub', [student.shares, teacher.shares])
  const scale = scaled(graph, targetWeights, alpha * temperature)
  return {loss, gradient: graph.node('Mul', [difference, scale])}
}

/** Of two columns: a scalar. */
function weightedSum(graph: GraphBuilder, values: string, weights: string): string {
  const product = graph.node('Mul', [values, weights])
  return graph.node('ReduceSum', [product], {attributes: {keepdims: 0}})
}

function scaled(graph: GraphBuilder, value: string, factor: number): string {
  return factor === 1 ? value : graph.node('Mul', [value, graph.float(factor)])
}

function giveScalar(graph: GraphBuilder, value: string, output: string): void {
  graph.node('Identity', [value], {outputs: [output]})
  graph.output(output, 'float32', [])
}
