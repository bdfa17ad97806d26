import {string} from '@oclif/core/flags'
import type {JudgeConfig} from '../config/judge-config.ts'
import {SlmError} from '../errors.ts'
import type {JudgedRuns} from '../judge/judge-runs.ts'
import {judgeChoiceFlags, judgeSettingsOf} from './judge-flags.ts'

/** Flags of `slm eval` that let a judge score the run as soon as it is finished. */
export const judgeStepFlags = {
  ...judgeChoiceFlags,
  'judge-config': string({
    description: 'settings of the judge: a YAML file as slm judge --config takes it; flags win',
    helpValue: '<file>',
    helpGroup: 'JUDGE',
  }),
}

/** The judge's settings; undefined when no judge is named. Checks what can be checked before the run is made. */
export async function judgeStepOf(
  flags: Readonly<Record<string, unknown>>,
): Promise<JudgeConfig | undefined> {
  const names = Object.keys(judgeChoiceFlags)
  const given = Object.fromEntries(names.map((name) => [name, flags[name]]))
  const file = typeof flags['judge-config'] === 'string' ? flags['judge-config'] : undefined
  if (file === undefined && names.every((name) => given[name] === undefined)) return undefined
  const [{readConfig}, {judgeConfigSchema}, {withJudge}, {environmentOf}] = await Promise.all([
    import('../config/read-config.ts'),
    import('../config/judge-config.ts'),
    import('../judge/judge-tools.ts'),
    import('../judge/environment.ts'),
  ])
  const {value} = await readConfig(judgeConfigSchema, {file, flags: judgeSettingsOf(given)})
  if (value.methods.includes('pairwise'))
    throw new SlmError('pair-missing', 'pairwise compares two runs, and slm eval makes one', {
      hint: 'Run slm judge RUN RUN --methods pairwise afterwards.',
    })
  if (flags['shard'] !== undefined)
    throw new SlmError('run-is-shard', 'a shard is not judged: its numbers are no numbers of the run', {
      hint: 'Leave the judge out, join the shards with slm merge, and run slm judge on what comes of it.',
    })
  // A missing key or model shows now, not after hours of decoding; a checkpoint here is opened when its turn comes.
  if (value.judgeModel !== undefined || value.baseUrl !== undefined)
    await withJudge(
      {...value, methods: ['rubric']},
      environmentOf(new AbortController().signal),
      async () => undefined,
    )
  return value
}

/** Judges the run that was made and returns what to print of it. */
export async function judgeStep(
  folder: string,
  config: JudgeConfig,
  isQuiet: boolean,
): Promise<{readonly judged: JudgedRuns; readonly text: string}> {
  const [{judgeAndTell}, {judgePage}, {terminal}] = await Promise.all([
    import('./judge-and-tell.ts'),
    import('./judge-page.ts'),
    import('../report/terminal.ts'),
  ])
  const judged = await judgeAndTell([folder], config, isQuiet)
  return {judged, text: terminal(judgePage(judged)).trimEnd()}
}
