import {setTimeout} from 'node:timers/promises'
import type {BenchOptions} from '../bench/bench.ts'
import {BaseCommand} from '../cli/base-command.ts'
import {benchFlags, benchSettings} from '../cli/bench-flags.ts'
import type {BenchConfig} from '../config/bench-config.ts'
import {SlmError} from '../errors.ts'

export default class Bench extends BaseCommand {
  static override summary = 'Measure latency, throughput, memory and energy of models side by side.'
  static override description =
    `Each sample is a fresh process, models take turns, memory is read from outside. Every sample is kept in bench.jsonl
of the run folder; repeating the command goes on where it stopped. slm compare --bench reads the records.
Exit codes: 0 done, 1 a sample failed, 2 usage or input error, 130 interrupted.`
  static override examples = [
    '<%= config.bin %> bench --model demo-enc-dec --model demo-dec-only --input-lengths 128,512 --output-length 32',
    '<%= config.bin %> bench --model A --model B --batch-sizes 1,8 --no-cache --prefix-cache --dry-run',
    '<%= config.bin %> bench --model A --against transformers.js --dtype q4 --batch-sizes 8',
    '<%= config.bin %> bench --config configs/bench/smoke.yaml',
  ]
  static override flags = benchFlags

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Bench)
    const config = await this.configure(flags)
    const [{withBenchProgress}, {terminal}, {benchPage, benchPreviewPage}, {previewBench, runBench}] =
      await Promise.all([
        import('../cli/bench-progress.ts'),
        import('../report/terminal.ts'),
        import('../cli/bench-page.ts'),
        import('../bench/bench.ts'),
      ])
    return withBenchProgress(flags.quiet, async (listener) => {
      const options = await benchOptions(listener)
      if (flags['dry-run']) {
        const preview = await previewBench(config, options)
        this.print(terminal(benchPreviewPage(preview)).trimEnd())
        return preview
      }
      const bench = await runBench(config, options)
      const [{benchReading}, {benchRun}] = await Promise.all([
        import('../report/bench-reading.ts'),
        import('../report/bench-cells.ts'),
      ])
      const {folder, plan, unequal} = bench
      const reading = benchReading(folder, bench.records)
      const measured = benchRun(reading)
      this.print(terminal(benchPage(bench, reading, measured)).trimEnd())
      if (bench.unmeasured > 0) process.exitCode = 1
      const {machines, models} = reading
      return {folder, plan, unequal, machines, models, cells: measured.cells}
    })
  }

  private async configure(flags: Readonly<Record<string, unknown>>): Promise<BenchConfig> {
    const [{readConfig}, {benchConfigSchema}] = await Promise.all([
      import('../config/read-config.ts'),
      import('../config/bench-config.ts'),
    ])
    const file = typeof flags['config'] === 'string' ? flags['config'] : undefined
    if (file === undefined && flags['model'] === undefined) {
      const {shippedCheckpoints} = await import('../inference/shipped-checkpoints.ts')
      const names = (await shippedCheckpoints()).join(', ') || 'none'
      throw new SlmError('usage', '--model is missing', {
        hint: `Give --model once for each model: a folder, a hub id owner/name, or a shipped checkpoint: ${names}.`,
      })
    }
    const {value} = await readConfig(benchConfigSchema, {file, flags: benchSettings(flags)})
    return value
  }
}

async function benchOptions(listener: Pick<BenchOptions, 'signal' | 'onEvent'>): Promise<BenchOptions> {
  const [{resolveModel}, {versionsInUse}, {runtimeFacts}, {benchScripts}, {energyCounter}, {RESULTS_FOLDER}] =
    await Promise.all([
      import('../inference/resolve-model.ts'),
      import('../eval/versions.ts'),
      import('../engine/runtime-facts.ts'),
      import('../bench/subjects.ts'),
      import('../bench/machine/energy.ts'),
      import('../cli/run-events.ts'),
    ])
  const {onEvent, signal} = listener
  return {
    signal,
    onEvent,
    resolve: (reference) => resolveModel(reference),
    scripts: benchScripts(),
    onNote: (text) => onEvent({kind: 'note', text}),
    energy: await energyCounter(),
    sleep: (ms) => setTimeout(ms, undefined, {signal}),
    resultsDir: RESULTS_FOLDER,
    versions: {
      all: {...versionsInUse(), node: process.version},
      extensions: runtimeFacts().extensions,
    },
    now: () => new Date().toISOString(),
  }
}
