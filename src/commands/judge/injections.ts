import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {judgeFlags, judgeSettingsOf} from '../../cli/judge-flags.ts'
import type {InjectionTrial} from '../../judge/try-injections.ts'

export default class JudgeInjections extends BaseCommand {
  static override summary = 'Try answers that speak to the judge, and count the verdicts that they change.'
  static override description =
    'Puts more than 40 attacks in several languages and formats (configs/judge/injections.yaml) on wrong answers. By default on the rubric, one request each; on answer correctness by the judge that ships with the program, which knows no other question.'
  static override examples = [
    '<%= config.bin %> judge injections',
    '<%= config.bin %> judge injections --base-url http://localhost:8000/v1 --judge-model NAME',
    '<%= config.bin %> judge injections --judge ./my-checkpoint --verdict likelihood',
  ]
  static override flags = {...judgeFlags, quiet: boolean({char: 'q', description: 'no progress on stderr'})}

  async run(): Promise<InjectionTrial> {
    const {flags} = await this.parse(JudgeInjections)
    const [{readConfig}, {judgeConfigSchema}, {tryInjections}, {environmentOf}, {withJudgeListener}] =
      await Promise.all([
        import('../../config/read-config.ts'),
        import('../../config/judge-config.ts'),
        import('../../judge/try-injections.ts'),
        import('../../judge/environment.ts'),
        import('../../cli/judge-listener.ts'),
      ])
    const {EMBEDDED_JUDGE} = await import('../../judge/open-judge.ts')
    const {judge = EMBEDDED_JUDGE, 'judge-model': served, 'base-url': server} = flags
    const isEmbedded = judge === EMBEDDED_JUDGE && served === undefined && server === undefined
    const settings = {methods: isEmbedded ? 'answer-correctness' : 'rubric', ...judgeSettingsOf(flags)}
    const {value} = await readConfig(judgeConfigSchema, {file: flags.config, flags: settings})
    const trial = await withJudgeListener({isQuiet: flags.quiet}, (listener) =>
      tryInjections(value, {...environmentOf(listener.stopNow), ...listener}),
    )
    const [{injectionPage}, {terminal}] = await Promise.all([
      import('../../cli/injection-page.ts'),
      import('../../report/terminal.ts'),
    ])
    this.print(terminal(injectionPage(trial)).trimEnd())
    return trial
  }
}
