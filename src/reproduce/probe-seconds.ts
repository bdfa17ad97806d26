import type {TrainConfig} from '../config/train-config.ts'
import type {NetworkShape} from '../onnx/network/shape.ts'
import {type Example, toBatch} from '../train/batch.ts'
import {initialWeights} from '../train/initial-weights.ts'
import {Trainer} from '../train/trainer.ts'
import {trainingGraph} from '../train/training-graph.ts'

export interface ProbeOptions {
  readonly threads: number
  /** Mean tokens of prompt and answer. */
  readonly lengths: {readonly source: number; readonly target: number}
  /** Milliseconds from any fixed point. */
  readonly nowMs: () => number
}

/** Steps that are measured, after one that opens the graphs. */
const MEASURED = 2

/**
 * Seconds of one step of the optimizer, measured on made-up tokens of the mean lengths: a short probe, so that the plan's
 * times are this machine's. A teacher's reading is not in it.
 */
export async function probeSeconds(
  config: TrainConfig,
  shape: NetworkShape,
  {threads, lengths, nowMs}: ProbeOptions,
): Promise<number> {
  const {kind, learningRate, otherLearningRate, weightDecay, clip, betas} = config.optimizer
  const optimizer = {
    kind,
    learningRate,
    otherLearningRate,
    weightDecay,
    clip,
    beta1: betas[0],
    beta2: betas[1],
  }
  const loss = {zLoss: config.zLoss, distillation: undefined}
  const {parameters} = trainingGraph({shape, loss, results: 'logits'})
  const trainer = await Trainer.open(
    {shape, loss, optimizer, threads, nowMs},
    initialWeights(shape, parameters, 1),
  )
  const batch = toBatch(
    Array.from({length: config.batchSize}, (_, row) => madeUp(row, lengths, shape.vocabulary)),
    {
      isEncoderDecoder: shape.encoderLayers > 0,
      rows: config.batchSize,
      beginToken: 1,
      padToken: 0,
      sourceWeight: config.sourceLoss,
    },
  )
  const batches = Array.from({length: config.accumulate}, () => ({batch}))
  try {
    await trainer.step(batches, 1, 1)
    const start = nowMs()
    for (let step = 0; step < MEASURED; step++) await trainer.step(batches, step + 2, 1)
    return (nowMs() - start) / 1000 / MEASURED
  } finally {
    await trainer.close()
  }
}

/** Ids from 3 on, below which special tokens lie. */
function madeUp(row: number, {source, target}: ProbeOptions['lengths'], vocabulary: number): Example {
  const ids = (length: number, from: number): readonly number[] =>
    Array.from({length: Math.max(1, Math.round(length))}, (_, at) => 3 + ((from + 7 * at) % (vocabulary - 3)))
  return {source: ids(source, row), target: ids(target, row + 11)}
}
