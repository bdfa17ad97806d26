import type {TensorArray} from '../engine/array-graph.ts'
import type {NetworkShape} from '../onnx/network/shape.ts'
import type {Batch} from './batch.ts'
import type {Parameter} from './initial-weights.ts'
import type {LossOptions} from './loss.ts'
import {type Optimizer, type OptimizerOptions, openOptimizer} from './optimizer.ts'
import {TrainingSession} from './training-session.ts'

/** A batch with what a teacher says about it: (rows * target length, vocabulary). */
export interface TaughtBatch {
  readonly batch: Batch
  readonly teacherLogits?: Float32Array | undefined
}

export interface StepResult {
  /** What is minimised. */
  readonly loss: number
  /** Mean cross-entropy of an answer's token, natural logarithm. */
  readonly targetLoss: number
  readonly gradientLength: number
  readonly tokens: number
  /** Milliseconds in the graph, and in the optimizer. */
  readonly graphMs: number
  readonly optimizerMs: number
}

export interface TrainerOptions {
  readonly shape: NetworkShape
  readonly loss: LossOptions
  readonly optimizer: OptimizerOptions
  readonly threads: number
  /** Milliseconds from any fixed point. */
  readonly nowMs: () => number
}

/** Weights, their optimizer and the graphs that give gradients: one step at a time. */
export class Trainer {
  readonly #options: TrainerOptions
  readonly #session: TrainingSession
  readonly #optimizer: Optimizer
  readonly #gradients: readonly Float32Array[]
  /** Gradients of a batch that is not the step's first; there are none as long as a step has one batch. */
  #more: readonly Float32Array[] | undefined
  readonly parameters: readonly Parameter[]

  private constructor(options: TrainerOptions, parameters: readonly Parameter[], optimizer: Optimizer) {
    this.#options = options
    this.#optimizer = optimizer
    this.#session = new TrainingSession(
      {shape: options.shape, loss: options.loss, results: 'gradients'},
      options.threads,
    )
    this.parameters = parameters
    this.#gradients = parameters.map(({values}) => new Float32Array(values.length))
  }

  /** `parameters` are changed in place. */
  static async open(options: TrainerOptions, parameters: readonly Parameter[]): Promise<Trainer> {
    const {shape, optimizer, threads} = options
    return new Trainer(options, parameters, await openOptimizer(shape, parameters, optimizer, threads))
  }

  /** The weights by name, the living arrays. */
  get weights(): ReadonlyMap<string, Float32Array> {
    return new Map(this.parameters.map(({name, values}) => [`weight.${name}`, values]))
  }

  /** What has to be kept to go on later, by name; the arrays are the living ones. */
  get state(): ReadonlyMap<string, Float32Array> {
    return new Map([...this.weights, ...this.#optimizer.state])
  }

  /** One step over several batches whose gradients are added; `step` counts from 1. */
  async step(batches: readonly TaughtBatch[], step: number, rateFactor: number): Promise<StepResult> {
    const {nowMs} = this.#options
    const start = nowMs()
    const totals = {
      loss: sumOf(batches, ({batch}) => batch.lossWeights),
      target: sumOf(batches, ({batch}) => batch.targetWeights),
    }
    let loss = 0
    let targetLoss = 0
    for (const [at, taught] of batches.entries()) {
      const losses = await this.#addGradients(taught, totals, at === 0)
      loss += losses.loss
      targetLoss += losses.targetLoss
    }
    const middle = nowMs()
    const gradientLength = await this.#optimizer.step(this.#gradients, step, rateFactor)
    const tokens = batches.reduce((total, {batch}) => total + batch.tokens, 0)
    const [graphMs, optimizerMs] = [middle - start, nowMs() - middle]
    return {loss, targetLoss, gradientLength, tokens, graphMs, optimizerMs}
  }

  async close(): Promise<void> {
    await this.#session.close()
    await this.#optimizer.close()
  }

  async #addGradients(
    taught: TaughtBatch,
    totals: {readonly loss: number; readonly target: number},
    isFirst: boolean,
  ): Promise<{readonly loss: number; readonly targetLoss: number}> {
    const graph = await this.#session.open()
    const inputs = graphInputs(this.parameters, taught, totals)
    const loss = new Float32Array(1)
    const targetLoss = new Float32Array(1)
    const {width} = this.#options.shape
    const rows = graph.lookUps.map(({output, ids: name}) => {
      const ids = inputs[name]!
      return {output, ids, data: new Float32Array(ids.data.length * width), dims: [...ids.dims, width]}
    })
    const gradients = isFirst ? this.#gradients : this.#moreGradients()
    await graph.run(inputs, {
      loss: {data: loss, dims: []},
      target_loss: {data: targetLoss, dims: []},
      ...Object.fromEntries(
        this.parameters.map(({name, dims}, at) => [`d_${name}`, {data: gradients[at]!, dims}]),
      ),
      ...Object.fromEntries(rows.map(({output, data, dims}) => [output, {data, dims}])),
    })
    if (!isFirst) for (const [at, gradient] of this.#gradients.entries()) addTo(gradient, gradients[at]!)
    for (const {ids, data} of rows) this.#addLookUps(ids.data, data)
    return {loss: loss[0]!, targetLoss: targetLoss[0]!}
  }

  #moreGradients(): readonly Float32Array[] {
    this.#more ??= this.#gradients.map(({length}) => new Float32Array(length))
    return this.#more
  }

  /** The gradient of a looked-up row belongs to its token. Added here in the order of positions: ONNX Runtime's parallel scatter loses sums. */
  #addLookUps(ids: TensorArray['data'], rows: Float32Array): void {
    const {width} = this.#options.shape
    const gradient = this.#gradients[this.parameters.findIndex(({name}) => name === 'embedding')]!
    for (let position = 0; position < ids.length; position++) {
      const to = Number(ids[position]) * width
      const from = position * width
      for (let column = 0; column < width; column++) gradient[to + column]! += rows[from + column]!
    }
  }
}

/** Everything that a training graph reads. */
export function graphInputs(
  parameters: readonly Parameter[],
  {batch, teacherLogits}: TaughtBatch,
  totals: {readonly loss: number; readonly target: number},
): Readonly<Record<string, TensorArray>> {
  const count = batch.lossWeights.length
  const share = (weights: Float32Array, total: number): TensorArray => ({
    data: weights.map((weight) => weight / total),
    dims: [count],
  })
  return {
    ...Object.fromEntries(parameters.map(({name, dims, values}) => [name, {data: values, dims}])),
    ...batch.inputs,
    loss_weights: share(batch.lossWeights, totals.loss),
    target_weights: share(batch.targetWeights, totals.target),
    ...(teacherLogits
      ? {teacher_logits: {data: teacherLogits, dims: [count, teacherLogits.length / count]}}
      : {}),
  }
}

function addTo(sum: Float32Array, part: Float32Array): void {
  for (let at = 0; at < sum.length; at++) sum[at]! += part[at]!
}

function sumOf(batches: readonly TaughtBatch[], weights: (batch: TaughtBatch) => Float32Array): number {
  return batches.reduce((total, batch) => weights(batch).reduce((sum, weight) => sum + weight, total), 0)
}
