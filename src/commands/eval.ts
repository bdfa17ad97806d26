import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'
import {judgeStepFlags, judgeStepOf} from '../cli/judge-step.ts'
import {runFlags, settingsOfFlags} from '../cli/run-flags.ts'
import type {EvalConfig} from '../config/eval-config.ts'
import type {JudgeConfig} from '../config/judge-config.ts'
import type {Configured} from '../config/read-config.ts'
import {SlmError} from '../errors.ts'

export default class Eval extends BaseCommand {
  static override summary = 'Run tasks on a checkpoint and write a run folder.'
  static override description =
    `The run folder holds manifest.json, samples.jsonl and summary.json. Repeating the command goes on where it stopped.
Exit codes: 0 done, 1 samples failed beyond --max-failed-share, 2 usage or input error, 130 interrupted.`
  static override examples = [
    '<%= config.bin %> eval --model demo-enc-dec --task xsum-mini',
    '<%= config.bin %> eval --model FOLDER --task squad,xsum --limit 100 --dtype q4',
    '<%= config.bin %> eval --config configs/smoke.yaml --dry-run',
    '<%= config.bin %> eval --model FOLDER --task xsum --base-url http://localhost:8000/v1 --judge-model NAME',
  ]
  static override flags = {
    model: string({
      char: 'm',
      description: 'folder, shipped name or hub id owner/name[@revision]',
      helpGroup: 'MODEL',
    }),
    task: string({
      char: 't',
      description: 'tasks with commas between them: names, or YAML files',
      helpValue: '<task,...>',
      helpGroup: 'TASK',
    }),
    ...runFlags,
    shard: string({
      description: 'run only part i of n; auto reads a Slurm array or a Kubernetes indexed job',
      helpValue: '<i/n|auto>',
    }),
    out: string({char: 'o', description: 'run folder', helpValue: '<folder>'}),
    ...judgeStepFlags,
    'dry-run': boolean({description: 'print the plan and where each setting came from; run nothing'}),
  }

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Eval)
    const configured = await this.configure(flags)
    const judge = await judgeStepOf(flags)
    return flags['dry-run'] ? this.preview(configured) : this.evaluate(configured.value, judge, flags.quiet)
  }

  private async configure(flags: Readonly<Record<string, unknown>>): Promise<Configured<EvalConfig>> {
    const [{readConfig}, {evalConfigSchema}] = await Promise.all([
      import('../config/read-config.ts'),
      import('../config/eval-config.ts'),
    ])
    const file = typeof flags['config'] === 'string' ? flags['config'] : undefined
    if (file === undefined) {
      if (flags['model'] === undefined) throw await missing('--model')
      if (flags['task'] === undefined) throw await missing('--task')
    }
    const notSettings = new Set(['config', 'dry-run', 'quiet', 'json', ...Object.keys(judgeStepFlags)])
    const names = Object.keys(Eval.flags).filter((name) => !notSettings.has(name))
    return readConfig(evalConfigSchema, {
      file,
      flags: {...settingsOfFlags(flags, names), ...(await shardOf(flags))},
    })
  }

  private async preview({value, origins}: Configured<EvalConfig>): Promise<unknown> {
    const [{previewRun}, {previewPage}, {terminal}, {RESULTS_FOLDER}] = await Promise.all([
      import('../eval/preview-run.ts'),
      import('../cli/preview-page.ts'),
      import('../report/terminal.ts'),
      import('../cli/run-events.ts'),
    ])
    const preview = await previewRun(value, {onEvent: () => undefined, resultsDir: RESULTS_FOLDER})
    const settings: Readonly<Record<string, unknown>> = value
    this.print(terminal(previewPage(preview, settings, origins)).trimEnd())
    const from = Object.entries(origins).map(([key, origin]) => [key, {value: settings[key], from: origin}])
    return {...preview, settings: Object.fromEntries(from)}
  }

  private async evaluate(
    config: EvalConfig,
    judge: JudgeConfig | undefined,
    isQuiet: boolean,
  ): Promise<unknown> {
    const [{evaluate}, {peakBytes}, {tasksOverFailedShare}, {withProgress}, {runPage}, {terminal}] =
      await Promise.all([
        import('../eval/evaluate.ts'),
        import('../eval/machine.ts'),
        import('../eval/failed-share.ts'),
        import('../cli/run-events.ts'),
        import('../cli/run-page.ts'),
        import('../report/terminal.ts'),
      ])
    const run = await withProgress({isQuiet}, (listener) => evaluate(config, {...listener, peakBytes}))
    this.print(terminal(runPage(run)).trimEnd())
    for (const {task, failed, planned} of tasksOverFailedShare(run.summary, config.maxFailedShare)) {
      process.stderr.write(
        `slm: ${task}: ${failed.total} of ${planned} samples failed, allowed share ${config.maxFailedShare}; --max-failed-share allows more\n`,
      )
      process.exitCode = 1
    }
    if (judge === undefined) return {folder: run.folder, ...run.summary}
    const {judgeStep} = await import('../cli/judge-step.ts')
    const {judged, text} = await judgeStep(run.folder, judge, isQuiet)
    this.print(text)
    return {folder: run.folder, ...run.summary, judged}
  }
}

/** The shard that the scheduler's environment names, where it was asked for. */
async function shardOf(flags: Readonly<Record<string, unknown>>): Promise<{readonly shard?: string}> {
  if (flags['shard'] !== 'auto') return {}
  const {shardFromEnvironment} = await import('../cli/ci-environment.ts')
  return {shard: shardFromEnvironment(process.env)}
}

/** Names what may be given for a flag that is missing. */
async function missing(flag: '--model' | '--task'): Promise<SlmError> {
  if (flag === '--task') {
    const {taskNames} = await import('../tasks/load-task.ts')
    return new SlmError('usage', `${flag} is missing`, {
      hint: `Tasks: ${(await taskNames()).join(', ')}; or the YAML file of your own.`,
    })
  }
  const {shippedCheckpoints} = await import('../inference/shipped-checkpoints.ts')
  return new SlmError('usage', `${flag} is missing`, {
    hint: `Give a folder, a hub id owner/name, or a shipped checkpoint: ${(await shippedCheckpoints()).join(', ') || 'none'}.`,
  })
}
