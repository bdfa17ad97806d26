import {fileURLToPath} from 'node:url'
import {boolean, integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'

/** The same place beside `src/` and beside `dist/`, wherever the command is run. */
const DEFAULT_CONFIG = '../../configs/reproduce/miniature.yaml'

export default class Reproduce extends BaseCommand {
  static override summary =
    'Train both architectures alike and print the table: the paper’s comparison in small'
  static override description =
    `Prints the plan first, with the time of each step: data, tokenizer, teacher, then seed by seed the decoder-only network and the encoder-decoder splits, each from the data alone (Seq2Seq) and from the teacher too (KD), each evaluated on all tasks.
Every step is a command of this program that you can run alone; its configuration lies beside what it makes. The same command goes on after a stop or kill at the step that was not finished, and a training inside it at its last saved state.
Exit codes: 0 done; 1 a step failed, or the budget ended before the last step; 2 wrong input; 130 interrupted.`
  static override examples = [
    '<%= config.bin %> reproduce --dry-run',
    '<%= config.bin %> reproduce --seeds 3 --budget 8h --jobs 2',
    '<%= config.bin %> reproduce --config my.yaml --sizes s,m,l --out results/mine',
  ]
  static override flags = {
    config: string({
      description: 'YAML file (default: configs/reproduce/miniature.yaml of the program)',
      helpValue: '<file>',
    }),
    seeds: integer({description: 'trainings of each cell (default: 3)', min: 1, helpValue: '<n>'}),
    sizes: string({
      description: 'sizes of the configuration to train, with commas; m (default) is the table',
      helpValue: '<s,m,l>',
    }),
    budget: string({
      description: 'time from now after which no step may end: 8h, 90m, 30s (default: none)',
      helpValue: '<time>',
    }),
    jobs: integer({
      description: 'steps at once, each with threads / jobs threads (default: 1)',
      min: 1,
      helpValue: '<n>',
    }),
    threads: integer({description: 'threads in all (default: one for each processor)', min: 1}),
    out: string({
      description: 'folder of everything that is made (default: the configuration’s)',
      helpValue: '<folder>',
    }),
    ship: string({
      description:
        'copy the checkpoints of seed 1 into this folder, one folder for each cell, 60 MB at most in all',
      helpValue: '<folder>',
    }),
    'ship-dtype': string({description: 'weights to copy: fp32, fp16, q8 (default), q4, int8'}),
    'dry-run': boolean({description: 'print the plan and its times, do nothing'}),
  }

  async run(): Promise<object> {
    const {flags} = await this.parse(Reproduce)
    const miniature = fileURLToPath(new URL(DEFAULT_CONFIG, import.meta.url))
    const {
      config: file = miniature,
      json: _json,
      'dry-run': isDryRun,
      'ship-dtype': shipDtype,
      ...given
    } = flags
    const [{readConfig}, {reproduceConfigSchema}, {defaultThreads}] = await Promise.all([
      import('../config/read-config.ts'),
      import('../config/reproduce-config.ts'),
      import('../engine/session.ts'),
    ])
    const {value} = await readConfig(reproduceConfigSchema, {file, flags: {...given, shipDtype}})
    const config = {...value, threads: value.threads ?? defaultThreads()}
    const [{reproduceSteps}, {reproducedTable}, {shipTrained}] = await Promise.all([
      import('../cli/reproduce-steps.ts'),
      import('../cli/reproduce-table.ts'),
      import('../cli/reproduce-ship.ts'),
    ])
    const {states, open, plan, failure} = await reproduceSteps(config, {
      isDryRun,
      print: (text) => this.print(text),
    })
    if (isDryRun) return {out: config.out, steps: plan, open}
    const steps = states.map(({step}) => step)
    const table = await reproducedTable(config, steps)
    if (table !== undefined) this.print(`\n${table.text.trimEnd()}\n\nwrote ${table.files.join(', ')}`)
    const shipped = await shipTrained(config, steps, open)
    for (const {folder, bytes} of shipped) this.print(`shipped ${folder}: ${(bytes / 1e6).toFixed(1)} MB`)
    if (open.length > 0) {
      process.exitCode = 1
      this.print(`Not done: ${open.join(', ')}. The same command goes on.`)
    }
    if (failure !== undefined) throw failure
    return {out: config.out, steps: plan, open, cells: table?.values ?? [], shipped}
  }
}
