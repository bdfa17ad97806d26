import {digestOf} from '../config/canonical-json.ts'
import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {type TrainConfig, trainConfigSchema} from '../config/train-config.ts'
import {shapeFor} from '../train/plan-training.ts'
import {trainingFlops} from '../train/training-flops.ts'
import type {StepSeconds} from './estimate-seconds.ts'
import {type MeanLengths, meanLengths} from './mean-lengths.ts'
import {probeSeconds} from './probe-seconds.ts'
import type {StepState} from './step-states.ts'
import {threadsOf} from './training-settings.ts'

/** Time for all probes: beyond it, speeds of larger networks are scaled from the last measured one by their work. */
const PROBE_SECONDS = 15

/** Measures the networks that are still to be trained, smallest first, and says what it found. */
export async function probeSpeeds(
  config: ReproduceConfig,
  states: readonly StepState[],
  {nowMs, tell}: {readonly nowMs: () => number; readonly tell: (text: string) => void},
): Promise<StepSeconds> {
  const seconds = new Map<string, number>()
  const lengths = await meanLengths(config)
  const networks = networksOf(config, states, lengths)
  const threads = threadsOf(config)
  const start = nowMs()
  let last: {readonly seconds: number; readonly flops: number} | undefined
  for (const {cell, training, flops} of networks) {
    const isLate = last !== undefined && nowMs() - start > 1000 * PROBE_SECONDS
    const shape = shapeFor(training, config.tokenizer.size)
    const found =
      isLate && last !== undefined
        ? (last.seconds * flops) / last.flops
        : await probeSeconds(training, shape, {threads, lengths, nowMs})
    last = {seconds: found, flops}
    seconds.set(keyOf(training), found)
    const tokens = training.batchSize * training.accumulate * (lengths.source + lengths.target)
    tell(
      `${cell}: ${found.toFixed(2)} s a step, ${Math.round(tokens / found)} tokens/s with ${threads} threads${isLate ? ' (by its work)' : ''}`,
    )
  }
  return (training) => seconds.get(keyOf(training)) ?? 0
}

interface ProbedNetwork {
  readonly cell: string
  readonly training: TrainConfig
  /** Of a step on rows of the mean lengths. */
  readonly flops: number
}

/** Each different network once, by work; the teacher too where others learn from it. */
function networksOf(
  config: ReproduceConfig,
  states: readonly StepState[],
  {source, target}: MeanLengths,
): readonly ProbedNetwork[] {
  const isTraining = ({step}: StepState): boolean => step.kind === 'training' || step.kind === 'teacher'
  const open = states.filter((each) => each.state !== 'done' && isTraining(each))
  const teachers = open.length > 0 ? states.filter(({step}) => step.kind === 'teacher') : []
  const networks = new Map<string, ProbedNetwork>()
  for (const {step} of [...open, ...teachers]) {
    const training = trainConfigSchema.parse(step.training?.config)
    const shape = shapeFor(training, config.tokenizer.size)
    const rows = training.batchSize * training.accumulate
    const lengths =
      shape.encoderLayers > 0
        ? {sourceLength: source, targetLength: target}
        : {sourceLength: 0, targetLength: source + target}
    const flops = trainingFlops(shape, {rows, ...lengths})
    networks.set(keyOf(training), {cell: step.training?.cell ?? '', training, flops})
  }
  return [...networks.values()].toSorted((a, b) => a.flops - b.flops)
}

function keyOf({network, batchSize, accumulate, optimizer}: TrainConfig): string {
  return digestOf({network, batchSize, accumulate, optimizer: optimizer.kind})
}
