import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import type {SavedBaseline} from '../../gate/save-baseline.ts'

export default class BaselineSave extends BaseCommand {
  static override summary = 'Save the scores of a finished run as a small file for git.'
  static override description =
    'The file holds scores and a digest of the answer for each sample, and the digests of model, data and prompt; no times, no paths, no prompts. Equal runs give equal bytes. slm gate compares with it.'
  static override examples = ['<%= config.bin %> baseline save results/RUN --out baseline.json']
  static override args = {run: argument({description: 'finished run folder', required: true})}
  static override flags = {
    out: string({
      char: 'o',
      description: 'file to write; must not exist',
      required: true,
      helpValue: '<file>',
    }),
    answers: boolean({description: 'keep the answers too, so that a gate shows what a changed one was'}),
  }

  async run(): Promise<SavedBaseline> {
    const {args, flags} = await this.parse(BaselineSave)
    const [{saveBaseline}, {baselinePage}, {terminal}, {withoutCommands}] = await Promise.all([
      import('../../gate/save-baseline.ts'),
      import('../../gate/baseline-page.ts'),
      import('../../report/terminal.ts'),
      import('../../gate/github.ts'),
    ])
    const {baseline, ...saved} = await saveBaseline(args.run, flags.out, {hasAnswers: flags.answers})
    this.print(withoutCommands(terminal(baselinePage(flags.out, baseline))).trimEnd())
    return saved
  }
}
