import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'
import {judgeFlags, judgeSettingsOf} from '../cli/judge-flags.ts'
import type {JudgeConfig} from '../config/judge-config.ts'
import {SlmError} from '../errors.ts'

export default class Judge extends BaseCommand {
  static override summary = 'Let a judge score the answers of finished runs.'
  static override description =
    `Adds judgements.jsonl and judges.json to each run folder; nothing is generated again. Replies are kept in the cache (SLM_CACHE), so repeating the command goes on where it stopped and pays for nothing twice.
The key of a server comes from SLM_JUDGE_KEY, else OPENAI_API_KEY, and from nowhere else.
Where no judge is named, the one that ships with the program is asked: judge-mini, a miniature that was trained on generated pairs; its agreement with held-out labels is printed, and its verdicts on real texts mean nothing.
Exit codes: 0 done, 1 more samples could not be judged than --max-failed-share allows, 2 usage or input error, 3 stopped by --max-calls or --max-cost, 130 interrupted.`
  static override examples = [
    '<%= config.bin %> judge results/RUN',
    '<%= config.bin %> judge results/RUN --base-url http://localhost:8000/v1 --judge-model NAME --dry-run',
    '<%= config.bin %> judge results/RUN --judge-model gpt-4o-mini --embeddings ./minilm --price-in 0.15 --price-out 0.6 --max-cost 2',
    '<%= config.bin %> judge results/A results/B --methods pairwise --base-url http://localhost:8000/v1 --judge-model NAME',
    '<%= config.bin %> judge results/RUN --judge ./my-checkpoint --verdict likelihood --methods rubric',
  ]
  static override strict = false
  static override usage = 'judge RUN...'
  static override flags = {
    ...judgeFlags,
    limit: string({description: 'judge a random subset of each task', helpValue: '<n>'}),
    'max-failed-share': string({
      description: 'share of samples that may stay unjudged before the exit code is 1; 0 by default',
      helpValue: '<0..1>',
    }),
    'dry-run': boolean({description: 'print requests, tokens and cost; ask nothing'}),
    quiet: boolean({char: 'q', description: 'no progress on stderr'}),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Judge)
    const folders = argv.map(String)
    if (folders.length === 0)
      throw new SlmError('usage', 'no run folder is named', {
        hint: 'Write slm judge results/RUN --judge-model NAME.',
      })
    const [{readConfig}, {judgeConfigSchema}] = await Promise.all([
      import('../config/read-config.ts'),
      import('../config/judge-config.ts'),
    ])
    const {value} = await readConfig(judgeConfigSchema, {file: flags.config, flags: judgeSettingsOf(flags)})
    return flags['dry-run'] ? this.estimate(folders, value) : this.judge(folders, value, flags.quiet)
  }

  private async estimate(folders: readonly string[], config: JudgeConfig): Promise<unknown> {
    const [{estimateJudging}, {environmentOf}, {estimatePage}, {terminal}] = await Promise.all([
      import('../judge/judge-runs.ts'),
      import('../judge/environment.ts'),
      import('../cli/judge-page.ts'),
      import('../report/terminal.ts'),
    ])
    const {signal} = new AbortController()
    const estimate = await estimateJudging(folders, config, {
      ...environmentOf(signal),
      signal,
      onEvent: () => undefined,
    })
    this.print(terminal(estimatePage(estimate)).trimEnd())
    return estimate
  }

  private async judge(folders: readonly string[], config: JudgeConfig, isQuiet: boolean): Promise<unknown> {
    const [{judgeAndTell}, {judgePage}, {terminal}] = await Promise.all([
      import('../cli/judge-and-tell.ts'),
      import('../cli/judge-page.ts'),
      import('../report/terminal.ts'),
    ])
    const judged = await judgeAndTell(folders, config, isQuiet)
    this.print(terminal(judgePage(judged)).trimEnd())
    return judged
  }
}
