import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../cli/base-command.ts'

export default class BaselineShow extends BaseCommand {
  static override summary = 'Show what a baseline file holds.'
  static override examples = ['<%= config.bin %> baseline show baseline.json']
  static override args = {file: argument({description: 'baseline file', required: true})}

  async run(): Promise<object> {
    const {args} = await this.parse(BaselineShow)
    const [{readBaseline}, {baselinePage}, {terminal}, {withoutCommands}] = await Promise.all([
      import('../../gate/baseline-file.ts'),
      import('../../gate/baseline-page.ts'),
      import('../../report/terminal.ts'),
      import('../../gate/github.ts'),
    ])
    const baseline = await readBaseline(args.file)
    this.print(withoutCommands(terminal(baselinePage(args.file, baseline))).trimEnd())
    const {tasks, ...facts} = baseline
    return {...facts, tasks: tasks.map(({samples, ...task}) => ({...task, samples: samples.length}))}
  }
}
