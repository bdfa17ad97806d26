import {SlmError} from '../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What GitHub Actions tells its steps. */
export interface GithubEnvironment {
  readonly isActions: boolean
  /** The file to which a step's summary is appended. */
  readonly summaryFile: string | undefined
}

export function githubEnvironment(env: Environment): GithubEnvironment {
  const summaryFile = env['GITHUB_STEP_SUMMARY']
  return {
    isActions: env['GITHUB_ACTIONS'] === 'true',
    summaryFile: summaryFile === '' ? undefined : summaryFile,
  }
}

/**
 * The shard of this process as `i/n`, for `--shard auto`: its place in a Slurm array (`sbatch --array=0-3`, any start and
 * step), or its index among the pods of a Kubernetes indexed job, which does not tell their number: the pod's
 * `SLM_SHARD_COUNT` must be the job's `completions`.
 */
export function shardFromEnvironment(env: Environment): string {
  if (env['SLURM_ARRAY_TASK_ID'] !== undefined) {
    const start = whole(env, 'SLURM_ARRAY_TASK_MIN')
    const step =
      env['SLURM_ARRAY_TASK_STEP'] === undefined ? 1 : Math.max(1, whole(env, 'SLURM_ARRAY_TASK_STEP'))
    const place = (whole(env, 'SLURM_ARRAY_TASK_ID') - start) / step
    return shardText(place, whole(env, 'SLURM_ARRAY_TASK_COUNT'), 'the Slurm array')
  }
  if (env['JOB_COMPLETION_INDEX'] !== undefined)
    return shardText(
      whole(env, 'JOB_COMPLETION_INDEX'),
      whole(env, 'SLM_SHARD_COUNT'),
      'JOB_COMPLETION_INDEX of SLM_SHARD_COUNT',
    )
  throw new SlmError(
    'shard-environment',
    '--shard auto finds neither a Slurm array nor a Kubernetes indexed job',
    {
      hint: 'It reads SLURM_ARRAY_TASK_ID, _MIN and _COUNT, or JOB_COMPLETION_INDEX with SLM_SHARD_COUNT; otherwise give --shard i/n.',
    },
  )
}

function whole(env: Environment, name: string): number {
  const text = env[name]
  if (text !== undefined && /^\d{1,9}$/.test(text)) return Number(text)
  const got =
    text === undefined
      ? 'is not set'
      : `must be a whole number from 0, got ${JSON.stringify(text.slice(0, 40))}`
  throw new SlmError('shard-environment', `--shard auto: ${name} ${got}`, {
    hint: name === 'SLM_SHARD_COUNT' ? 'Set it to the completions of the job.' : 'Give --shard i/n instead.',
  })
}

/** `place` is 0-based. */
function shardText(place: number, count: number, what: string): string {
  if (Number.isInteger(place) && place >= 0 && place < count) return `${place + 1}/${count}`
  throw new SlmError(
    'shard-environment',
    `--shard auto: place ${place + 1} of ${count} in ${what} is no shard`,
    {
      hint: 'Array indexes must be evenly spaced; otherwise give --shard i/n.',
    },
  )
}
