import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'
import {SlmError} from '../errors.ts'

interface Result {
  readonly files: readonly string[]
}

export default class Report extends BaseCommand {
  static override summary = 'Write the tables of finished runs into a folder, with a page to open.'
  static override description =
    'Everything is computed from the records of the runs: table.txt, table.csv, table.md, table.tex, table.json and index.html. The same runs give the same bytes.'
  static override examples = ['<%= config.bin %> report results/A results/B --out tables --published']
  static override strict = false
  static override usage = 'report RUN... --out DIR'
  static override flags = {
    out: string({char: 'o', description: 'folder to write', helpValue: '<folder>', default: 'report'}),
    tasks: string({description: 'tasks with commas between them; all of the runs by default'}),
    published: boolean({description: 'show the rows that the paper printed'}),
    'allow-mixed': boolean({description: 'show rows of other conditions, marked, instead of refusing them'}),
  }

  async run(): Promise<Result> {
    const {flags, argv} = await this.parse(Report)
    const runs = argv.map(String)
    if (runs.length === 0)
      throw new SlmError('usage', 'no run folder is named', {hint: 'Write slm report results/RUN --out DIR.'})
    const [{readRuns}, {compareRuns}, {writeAllFormats}] = await Promise.all([
      import('../report/read-runs.ts'),
      import('../report/compare-runs.ts'),
      import('../report/write-tables.ts'),
    ])
    const comparison = await compareRuns(await readRuns(runs), {
      ...(flags.tasks === undefined ? {} : {tasks: flags.tasks.split(',').map((task) => task.trim())}),
      hasPublished: flags.published,
      isMixingAllowed: flags['allow-mixed'],
    })
    const files = await writeAllFormats(flags.out, comparison)
    for (const file of files) this.print(file)
    return {files}
  }
}
