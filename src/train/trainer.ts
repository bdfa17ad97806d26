import type {TensorArray} from '../engine/array-graph.ts'
import type {NetworkShape} from '../onnx/network/shape.ts'
import type {Batch} from './batch.ts'
import type {Parameter} from './initial-weights.ts'
import type {LossOptions} from './loss.ts'
import {type Optimizer, type OptimizerOptions, openOptimizer} from './optimizer.ts'
import type {Judgement} from './teacher.ts'
import {TrainingSession} from './training-session.ts'

/** A batch with what is learned from it. */
export interface TaughtBatch {
  readonly batch: Batch
  /** Asks the teacher; when the batch's turn comes, so that its array may be filled anew for the next one. */
  readonly judge?: (() => Promise<Judgement>) | undefined
  /** True where the student drew the answers: the teacher's judgement counts, its own labels do not. */
  readonly isDrawn?: boolean | undefined
}

export interface StepResult {
  /** What is minimised. */
  readonly loss: number
  /** Mean cross-entropy of an answer's token, natural logarithm. */
  readonly targetLoss: number
  /** KL(teacher || student) by token of what the teacher judged; undefined without one. */
  readonly teacherLoss: number | undefined
  readonly gradientLength: number
  readonly tokens: number
  /** Milliseconds in the graph, and in the optimizer; those of the teacher are in neither. */
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

/** What a batch is learned from: all of the loss, or one part of it where answers are drawn for the teacher. */
type Learning = 'whole' | 'labels' | 'teacher'

/** Sums over the batches of a step by which weights of the loss are divided. */
interface Totals {
  readonly loss: number
  readonly target: number
}

/** Weights, their optimizer and the graphs that give gradients: one step at a time. */
export class Trainer {
  readonly #options: TrainerOptions
  readonly #sessions: Readonly<Record<Learning, TrainingSession>>
  readonly #optimizer: Optimizer
  readonly #gradients: readonly Float32Array[]
  /** Gradients of a batch that is not the step's first; there are none as long as a step has one batch. */
  #more: readonly Float32Array[] | undefined
  readonly parameters: readonly Parameter[]

  private constructor(options: TrainerOptions, parameters: readonly Parameter[], optimizer: Optimizer) {
    this.#options = options
    this.#optimizer = optimizer
    const session = (loss: LossOptions): TrainingSession =>
      new TrainingSession({shape: options.shape, loss, results: 'gradients'}, options.threads)
    this.#sessions = {
      whole: session(options.loss),
      labels: session(labelsPart(options.loss)),
      teacher: session({...options.loss, zLoss: 0, labelShare: 0}),
    }
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
    const given = totalsOf(batches.filter(({isDrawn}) => !isDrawn))
    const drawn = totalsOf(batches.filter(({isDrawn}) => isDrawn))
    const hasDrawn = batches.some(({isDrawn}) => isDrawn)
    let [loss, targetLoss, teacherLoss, teacherMs] = [0, 0, 0, 0]
    for (const [at, {batch, judge, isDrawn}] of batches.entries()) {
      const asked = nowMs()
      const judgement = await judge?.()
      teacherMs += nowMs() - asked
      const learning = isDrawn ? 'teacher' : hasDrawn ? 'labels' : 'whole'
      const inputs = graphInputs(this.parameters, batch, isDrawn ? drawn : given, judgement)
      const losses = await this.#addGradients(learning, inputs, at === 0)
      loss += losses.loss
      teacherLoss += losses.teacherLoss
      // How likely the student finds what it drew says nothing of what it learned.
      if (!isDrawn) targetLoss += losses.targetLoss
    }
    const middle = nowMs()
    const gradientLength = await this.#optimizer.step(this.#gradients, step, rateFactor)
    const tokens = batches.reduce((total, {batch, isDrawn}) => total + (isDrawn ? 0 : batch.tokens), 0)
    const [graphMs, optimizerMs] = [middle - start - teacherMs, nowMs() - middle]
    const judged = this.#options.loss.distillation ? teacherLoss : undefined
    return {loss, targetLoss, teacherLoss: judged, gradientLength, tokens, graphMs, optimizerMs}
  }

  async close(): Promise<void> {
    for (const session of Object.values(this.#sessions)) await session.close()
    await this.#optimizer.close()
  }

  async #addGradients(
    learning: Learning,
    inputs: Readonly<Record<string, TensorArray>>,
    isFirst: boolean,
  ): Promise<{readonly loss: number; readonly targetLoss: number; readonly teacherLoss: number}> {
    const graph = await this.#sessions[learning].open()
    const loss = new Float32Array(1)
    const targetLoss = new Float32Array(1)
    const teacherLoss = new Float32Array(1)
    const {width} = this.#options.shape
    const rows = graph.lookUps.map(({output, ids: name}) => {
      const ids = inputs[name]!
      return {output, ids, data: new Float32Array(ids.data.length * width), dims: [...ids.dims, width]}
    })
    const gradients = isFirst ? this.#gradients : this.#moreGradients()
    await graph.run(inputs, {
      loss: {data: loss, dims: []},
      target_loss: {data: targetLoss, dims: []},
      ...('teacher_logits' in inputs ? {teacher_loss: {data: teacherLoss, dims: []}} : {}),
      ...Object.fromEntries(
        this.parameters.map(({name, dims}, at) => [`d_${name}`, {data: gradients[at]!, dims}]),
      ),
      ...Object.fromEntries(rows.map(({output, data, dims}) => [output, {data, dims}])),
    })
    if (!isFirst) for (const [at, gradient] of this.#gradients.entries()) addTo(gradient, gradients[at]!)
    for (const {ids, data} of rows) this.#addLookUps(ids.data, data)
    return {loss: loss[0]!, targetLoss: targetLoss[0]!, teacherLoss: teacherLoss[0]!}
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
  batch: Batch,
  totals: Totals,
  judgement?: Judgement | undefined,
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
    ...(judgement
      ? {teacher_logits: judgement.logits, teacher_rows: {data: judgement.rows, dims: [count]}}
      : {}),
  }
}

function addTo(sum: Float32Array, part: Float32Array): void {
  for (let at = 0; at < sum.length; at++) sum[at]! += part[at]!
}

function totalsOf(batches: readonly TaughtBatch[]): Totals {
  const sum = (weightsOf: (batch: Batch) => Float32Array): number =>
    batches.reduce((total, {batch}) => weightsOf(batch).reduce((before, weight) => before + weight, total), 0)
  return {loss: sum(({lossWeights}) => lossWeights), target: sum(({targetWeights}) => targetWeights)}
}

/** Of a distillation's loss what comes from the labels. */
function labelsPart({zLoss, distillation}: LossOptions): LossOptions {
  return {zLoss, distillation: undefined, labelShare: 1 - (distillation?.alpha ?? 0)}
}
