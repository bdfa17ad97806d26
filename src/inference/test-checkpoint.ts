import {DTYPES} from '../engine/language-model.ts'
import type {SelfTestCheck} from '../engine/self-test.ts'
import {SlmError} from '../errors.ts'
import {openInference} from './inference.ts'
import type {PullModel} from './pull-checkpoint.ts'
import {resolveModel} from './resolve-model.ts'

export interface TestedCheckpoint {
  readonly model: string
  readonly passed: boolean
  readonly checks: readonly SelfTestCheck[]
  readonly notes: readonly string[]
}

/** Opens a checkpoint as a run would and runs the self-test on it. Flags come as text. */
export async function testCheckpoint(
  flags: {
    readonly model: string
    readonly dtype?: string | undefined
    readonly device?: string | undefined
    readonly threads?: string | undefined
    readonly exact?: boolean | undefined
  },
  pull: PullModel,
): Promise<TestedCheckpoint> {
  const {folder, name} = await resolveModel(flags.model, pull)
  const dtype = DTYPES.find((each) => each === flags.dtype)
  if (flags.dtype !== undefined && dtype === undefined)
    throw new SlmError('dtype-unknown', `no dtype is called "${flags.dtype}"`, {
      hint: `Known are: ${DTYPES.join(', ')}.`,
    })
  const threads = flags.threads === undefined ? undefined : Number(flags.threads)
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0))
    throw new SlmError('threads-wrong', `--threads must be a positive integer, got ${flags.threads}`)
  const inference = await openInference({
    folder,
    name,
    dtype,
    threads,
    device: flags.device,
    exact: flags.exact,
  })
  try {
    const checks = await inference.selfTest()
    const {batching, notes} = inference.facts
    return {
      model: name,
      passed: checks.every((check) => check.passed),
      checks,
      notes: batching.kind === 'inexact' ? [batching.why, ...notes] : notes,
    }
  } finally {
    await inference.close()
  }
}
