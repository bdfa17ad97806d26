import {digestOf} from '../config/canonical-json.ts'
import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {type TrainConfig, trainConfigSchema} from '../config/train-config.ts'
import {shapeFor} from '../train/plan-training.ts'
import type {StepSeconds} from './estimate-seconds.ts'
import {meanLengths} from './mean-lengths.ts'
import {probeSeconds} from './probe-seconds.ts'
import type {StepState} from './step-states.ts'
import {threadsOf} from './training-settings.ts'

/** Measures each different network of the plan that is still to be trained, one after the other, and says what it found. */
export async function probeSpeeds(
  config: ReproduceConfig,
  states: readonly StepState[],
  {nowMs, tell}: {readonly nowMs: () => number; readonly tell: (text: string) => void},
): Promise<StepSeconds> {
  const seconds = new Map<string, number>()
  const open = states.filter(
    ({step, state}) => state !== 'done' && (step.kind === 'training' || step.kind === 'teacher'),
  )
  const teachers = states.filter(({step}) => step.kind === 'teacher')
  const needed = [...open, ...(open.length > 0 ? teachers : [])]
  if (needed.length === 0) return () => 0
  const lengths = await meanLengths(config)
  for (const {step} of needed) {
    const training = trainConfigSchema.parse(step.training?.config)
    const key = keyOf(training)
    if (seconds.has(key)) continue
    const shape = shapeFor(training, config.tokenizer.size)
    const threads = threadsOf(config)
    const measured = await probeSeconds(training, shape, {threads, lengths, nowMs})
    seconds.set(key, measured)
    const rows = training.batchSize * training.accumulate
    const tokens = Math.round((rows * (lengths.source + lengths.target)) / measured)
    tell(
      `${step.training?.cell}: ${measured.toFixed(2)} s a step, ${tokens} tokens/s with ${threads} threads`,
    )
  }
  return (training) => seconds.get(keyOf(training)) ?? 0
}

function keyOf({network, batchSize, accumulate, optimizer}: TrainConfig): string {
  return digestOf({network, batchSize, accumulate, optimizer: optimizer.kind})
}
