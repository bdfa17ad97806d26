import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'
import type {ComparedModels} from '../cli/compared-models.ts'
import {runFlags, settingsOfFlags} from '../cli/run-flags.ts'
import type {CompareConfig} from '../config/compare-config.ts'

export default class Compare extends BaseCommand {
  static override summary = 'Run what is missing and print the table: which architecture is better?'
  static override description =
    `Each model runs each task as slm eval would; finished runs are only read, so repeating the command costs nothing. With --runs nothing is run.
The table has the layout of Table 1 of arXiv 2501.16273: RL/RG (ROUGE-L and judge score) for each task with the plain mean; under it stands, task by task, which architecture is better, tested on the samples that both scored.
Rows whose task version, data, prompt or decoding differ are refused, or marked with --allow-mixed. What was not run says why.
With --bench the table is of first-token latency, tokens/s, peak memory and operations, as ratios with intervals and the paper’s claims beside; --out also draws the figures (SVG).
Exit codes: 0 done; 1 a model could not be run, or more samples failed than --max-failed-share allows (the table is printed all the same); 2 wrong input; 130 interrupted.`
  static override examples = [
    '<%= config.bin %> compare --archs enc-dec,dec-only',
    '<%= config.bin %> compare --models t5-small,./my-gpt --tasks xsum,squad --limit 200 --published',
    '<%= config.bin %> compare --runs results/A results/B --format latex --out table.tex',
    '<%= config.bin %> compare --config configs/table1.yaml',
    '<%= config.bin %> compare --bench results/bench-a --runs results/A results/B --out figures',
  ]
  static override flags = {
    archs: string({description: 'architectures: enc-dec, dec-only, or both with a comma (default)'}),
    models: string({
      description: 'checkpoints with commas between them; by default the shipped ones of these architectures',
      aliases: ['model'],
    }),
    tasks: string({
      description:
        'tasks with commas between them; by default squad-mini, ielts-mini, codex and xsum-mini, which come with the program',
      aliases: ['task'],
    }),
    runs: string({
      description: 'run folders to read; nothing is run then',
      multiple: true,
      helpValue: '<folder>',
    }),
    results: string({
      description: 'where run folders are looked for and written; results by default',
      helpValue: '<folder>',
    }),
    bench: string({
      description:
        'folders of slm bench to compare in speed and memory; nothing is run, and --runs puts quality beside',
      multiple: true,
      helpValue: '<folder>',
    }),
    published: boolean({description: 'show the rows that the paper printed'}),
    judge: boolean({
      description:
        'fill RG where no judge has scored a run, by the miniature judge that ships with the program (default); it asks 200 samples of each task',
      allowNo: true,
    }),
    'allow-mixed': boolean({description: 'show rows of other conditions, marked, instead of refusing them'}),
    format: string({description: 'terminal (default), csv, markdown, latex, html or json'}),
    out: string({
      char: 'o',
      description: 'also write the table: a file in the format of its ending, or a folder with all formats',
      helpValue: '<file|folder>',
    }),
    ...runFlags,
  }

  async run(): Promise<object> {
    const {flags} = await this.parse(Compare)
    const {config, quiet, json: _, ...settings} = flags
    const [
      {compareConfigSchema},
      {readConfig},
      {compareRuns},
      {readRuns},
      {formatComparison},
      {comparisonJson},
    ] = await Promise.all([
      import('../config/compare-config.ts'),
      import('../config/read-config.ts'),
      import('../report/compare-runs.ts'),
      import('../report/read-runs.ts'),
      import('../report/formats.ts'),
      import('../report/json.ts'),
    ])
    const {value} = await readConfig(compareConfigSchema, {
      file: config,
      flags: settingsOfFlags(settings, Object.keys(settings)),
    })
    if (value.bench !== undefined) return this.compareBench(value.bench, value, quiet)
    const ran = await this.runsOf(value, quiet)
    if (value.judge && value.runs === undefined) await this.fillJudgeScores(value, ran.folders, quiet)
    const comparison = await compareRuns(await readRuns(ran.folders), {
      ...(await columnsOf(value)),
      archs: value.archs,
      ...(value.runs === undefined || value.models === undefined ? {} : {models: value.models}),
      hasPublished: value.published,
      isMixingAllowed: value.allowMixed,
      failed: ran.failed,
    })
    this.print(formatComparison(comparison, value.format).slice(0, -1))
    if (value.out !== undefined) {
      const {writeTables} = await import('../report/write-tables.ts')
      for (const file of await writeTables(value.out, comparison, value.format))
        if (!quiet) process.stderr.write(`wrote ${file}\n`)
    }
    if (ran.failed.length > 0 || ran.overFailedShare.length > 0) process.exitCode = 1
    return comparisonJson(comparison)
  }

  private async compareBench(
    folders: readonly string[],
    {runs = [], format, out}: CompareConfig,
    isQuiet: boolean,
  ): Promise<object> {
    const [
      {readBenches},
      {compareBenches},
      {readRuns},
      {formatBench},
      {benchJson},
      {writeBench},
      {drawFigures},
    ] = await Promise.all([
      import('../report/bench-reading.ts'),
      import('../report/compare-benches.ts'),
      import('../report/read-runs.ts'),
      import('../report/bench-formats.ts'),
      import('../report/bench-json.ts'),
      import('../report/write-bench.ts'),
      import('../report/draw-figures.ts'),
    ])
    const comparison = compareBenches(await readBenches(folders), await readRuns(runs))
    // A page holds its figures; what is printed for a terminal does without them.
    const drawn = format === 'html' ? await drawFigures(comparison.figures) : []
    this.print(formatBench(comparison, format, drawn).slice(0, -1))
    if (out !== undefined)
      for (const file of await writeBench(out, comparison, format))
        if (!isQuiet) process.stderr.write(`wrote ${file}\n`)
    return benchJson(comparison)
  }

  private async fillJudgeScores(
    {threads}: CompareConfig,
    folders: readonly string[],
    isQuiet: boolean,
  ): Promise<void> {
    const {fillByEmbeddedJudge} = await import('../cli/embedded-judging.ts')
    await fillByEmbeddedJudge(folders, {threads, isQuiet})
  }

  private async runsOf(config: CompareConfig, isQuiet: boolean): Promise<ComparedModels> {
    if (config.runs !== undefined) return {folders: config.runs, failed: [], overFailedShare: []}
    const {runComparedModels} = await import('../cli/compared-models.ts')
    return runComparedModels(config, isQuiet)
  }
}

/** All tasks of the runs, unless some were named. */
async function columnsOf({tasks}: CompareConfig): Promise<{readonly tasks?: readonly string[]}> {
  if (tasks === undefined) return {}
  const {namesOfTasks} = await import('../eval/evaluate-models.ts')
  return {tasks: await namesOfTasks(tasks)}
}
