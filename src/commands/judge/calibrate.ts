import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {judgeFlags, judgeSettingsOf} from '../../cli/judge-flags.ts'
import type {Calibration} from '../../judge/calibrate/calibrate.ts'

export default class JudgeCalibrate extends BaseCommand {
  static override summary = 'Measure how far a judge agrees with people.'
  static override description =
    `Prints raw agreement, Cohen's kappa (plain, linear, quadratic), Krippendorff's alpha and Spearman's rho with bootstrap intervals, the confusion table, and beside them a predictor that always says the commonest label.
The file of labels (CSV, JSON Lines, JSON, Parquet) has a column label (label2, label3 for further people) with numbers or yes/no, and what was judged: judge (a verdict given elsewhere); or id, with a judged RUN; or answer and reference (also task, question, source); or statement and text. The last two are judged now.`
  static override examples = [
    '<%= config.bin %> judge calibrate --labels labels.csv --base-url http://localhost:8000/v1 --judge-model NAME --method rubric',
    '<%= config.bin %> judge calibrate results/RUN --labels labels.csv',
    '<%= config.bin %> judge calibrate --labels data/miniature/judge-mini/test.jsonl --by kind',
    '<%= config.bin %> judge calibrate --labels verdicts.csv --json',
  ]
  static override strict = false
  static override usage = 'judge calibrate [RUN] --labels FILE'
  static override flags = {
    labels: string({description: 'what people said', required: true, helpValue: '<file>'}),
    by: string({
      description: 'a column of that file: agreement is also printed for each of its values',
      helpValue: '<column>',
    }),
    keep: boolean({
      description:
        'write what was measured into the local judge’s folder (calibration.json); tables that it fills print it',
    }),
    'judge-id': string({description: 'which judge of the run, where there are several (judges.json)'}),
    ...judgeFlags,
    quiet: boolean({char: 'q', description: 'no progress on stderr'}),
  }

  async run(): Promise<Calibration> {
    const {flags, argv} = await this.parse(JudgeCalibrate)
    const {labels, by, keep, 'judge-id': judgeId, ...settings} = flags
    const [{readConfig}, {judgeConfigSchema}, {calibrate}, {environmentOf}, {withJudgeListener}] =
      await Promise.all([
        import('../../config/read-config.ts'),
        import('../../config/judge-config.ts'),
        import('../../judge/calibrate/calibrate.ts'),
        import('../../judge/environment.ts'),
        import('../../cli/judge-listener.ts'),
      ])
    const {value} = await readConfig(judgeConfigSchema, {
      file: flags.config,
      flags: judgeSettingsOf(settings),
    })
    const run = argv[0] === undefined ? undefined : String(argv[0])
    const calibration = await withJudgeListener({isQuiet: flags.quiet}, (listener) =>
      calibrate({labels, run, judgeId, by}, value, {...environmentOf(listener.stopNow), ...listener}),
    )
    const [{calibrationPage}, {terminal}] = await Promise.all([
      import('../../cli/calibration-page.ts'),
      import('../../report/terminal.ts'),
    ])
    this.print(terminal(calibrationPage(calibration)).trimEnd())
    if (keep) {
      const {keepMeasured} = await import('../../judge/calibrate/keep-measured.ts')
      this.print(`wrote ${await keepMeasured(calibration, labels, value)}`)
    }
    return calibration
  }
}
