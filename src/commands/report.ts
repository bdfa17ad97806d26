import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'
import {SlmError} from '../errors.ts'
import type {Reading} from '../report/reading.ts'

interface Result {
  readonly files: readonly string[]
}

export default class Report extends BaseCommand {
  static override summary = 'Write the tables of finished runs into a folder, with a page to open.'
  static override description =
    `Everything is computed from the records of the runs: table.txt, table.csv, table.md, table.tex, table.json and index.html. The same runs give the same bytes.
Folders of slm bench give bench.txt, bench.csv, bench.md, bench.tex, bench.json and bench.html with ratios, and figures as SVG with their data as CSV beside: seconds against input tokens, and where runs of the same models are named too, quality against latency and memory. Runs of several sizes of one architecture give quality against parameters.`
  static override examples = [
    '<%= config.bin %> report results/A results/B --out tables --published',
    '<%= config.bin %> report results/A results/B results/bench-a --out report',
  ]
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
    const folders = argv.map(String)
    if (folders.length === 0)
      throw new SlmError('usage', 'no run folder is named', {hint: 'Write slm report results/RUN --out DIR.'})
    const [{sortedFolders}, {readRuns}] = await Promise.all([
      import('../report/bench-reading.ts'),
      import('../report/read-runs.ts'),
    ])
    const {benches, runs} = await sortedFolders(folders)
    const readings = await readRuns(runs)
    const files = [
      ...(runs.length > 0 ? await writeScores(readings, flags) : []),
      ...(benches.length > 0 ? await writeSpeed(benches, readings, flags.out) : []),
      ...(benches.length === 0 ? await writeSizes(readings, flags.out) : []),
    ]
    for (const file of files) this.print(file)
    return {files}
  }
}

interface ScoreFlags {
  readonly out: string
  readonly tasks: string | undefined
  readonly published: boolean
  readonly 'allow-mixed': boolean
}

async function writeScores(readings: readonly Reading[], flags: ScoreFlags): Promise<readonly string[]> {
  const [{compareRuns}, {writeAllFormats}] = await Promise.all([
    import('../report/compare-runs.ts'),
    import('../report/write-tables.ts'),
  ])
  const comparison = await compareRuns(readings, {
    ...(flags.tasks === undefined ? {} : {tasks: flags.tasks.split(',').map((task) => task.trim())}),
    hasPublished: flags.published,
    isMixingAllowed: flags['allow-mixed'],
  })
  return writeAllFormats(flags.out, comparison)
}

async function writeSpeed(
  benches: readonly string[],
  readings: readonly Reading[],
  out: string,
): Promise<readonly string[]> {
  const [{readBenches}, {compareBenches}, {writeBenchFolder}] = await Promise.all([
    import('../report/bench-reading.ts'),
    import('../report/compare-benches.ts'),
    import('../report/write-bench.ts'),
  ])
  return writeBenchFolder(out, compareBenches(await readBenches(benches), readings))
}

/** The one figure that needs no measurement of speed. */
async function writeSizes(readings: readonly Reading[], out: string): Promise<readonly string[]> {
  const {sizeFigure} = await import('../report/size-figure.ts')
  const figure = sizeFigure(readings)
  if (figure === undefined) return []
  const {drawFigures, writeFigures} = await import('../report/draw-figures.ts')
  return writeFigures(out, await drawFigures([figure]))
}
