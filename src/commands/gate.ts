import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'
import type {GatePolicy} from '../config/gate-policy.ts'
import type {GateResult} from '../gate/gate.ts'

/** `EX_SOFTWARE` of sysexits.h. */
const DEFECT_EXIT = 70
const EXIT_CODES = {passed: 0, regression: 1, inconclusive: 3} as const

export default class Gate extends BaseCommand {
  static override summary = 'Check that a run is no worse than a baseline, sample by sample.'
  static override description =
    `The baseline is a run folder or a file of slm baseline save. Each metric passes when the whole 95% interval of the paired difference stays within --max-drop, is a regression when the interval lies beyond it and p < 0.05 (approximate randomisation, Holm), and is inconclusive otherwise: more samples would tell. A sample, task or metric that is missing is a regression. Runs of other data, prompt, task version or decoding are refused.
Exit codes: 0 passed, 1 regression, 2 usage or input error, 3 inconclusive; 70 slm itself failed.`
  static override examples = [
    '<%= config.bin %> gate results/new --baseline results/old',
    '<%= config.bin %> gate results/new --baseline baseline.json --at-least 99% --junit gate.xml',
    '<%= config.bin %> gate results/new --baseline baseline.json --policy configs/gate/quantized.yaml --markdown gate.md',
  ]
  static override args = {run: argument({description: 'run folder to check', required: true})}
  static override flags = {
    baseline: string({
      char: 'b',
      description: 'run folder or baseline file',
      required: true,
      helpValue: '<run|file>',
    }),
    policy: string({
      char: 'p',
      description: 'YAML file with limits for tasks and metrics',
      helpValue: '<file>',
    }),
    task: string({
      char: 't',
      description: 'tasks of the baseline to gate; all by default',
      helpValue: '<task,...>',
    }),
    'max-drop': string({
      description:
        'how far a metric may fall: in its own units, or a share of the baseline; a hundredth of its scale by default',
      helpValue: '<n|percent>',
      helpGroup: 'LIMITS',
    }),
    'at-least': string({
      description: 'least share of the baseline’s value, compared without an interval (MLPerf: 99%)',
      helpValue: '<share>',
      helpGroup: 'LIMITS',
    }),
    metrics: string({
      description: 'metrics to gate; all by default',
      helpValue: '<id,...>',
      helpGroup: 'LIMITS',
    }),
    'max-changed': string({
      description: 'largest share of answers that may differ; 0 asks for equal answers',
      helpValue: '<share>',
      helpGroup: 'LIMITS',
    }),
    'max-latency-ratio': string({
      description: 'largest ratio of new to old times; two runs of one machine',
      helpValue: '<r>',
      helpGroup: 'LIMITS',
    }),
    'max-memory-ratio': string({
      description: 'largest ratio of new to old peak memory; two runs of one machine',
      helpValue: '<r>',
      helpGroup: 'LIMITS',
    }),
    'allow-different': string({
      description: 'compare all the same though these differ: task, prompt, data, decoding, metric',
      helpValue: '<kind,...>',
      helpGroup: 'LIMITS',
    }),
    flips: string({
      description: 'changed samples of each task to list with their texts; 10 by default',
      helpValue: '<n>',
    }),
    markdown: string({description: 'also write the page for a pull request', helpValue: '<file>'}),
    junit: string({description: 'also write JUnit XML', helpValue: '<file>'}),
    github: boolean({
      description: 'annotations on stderr and a job summary; by default where GITHUB_ACTIONS is true',
      allowNo: true,
    }),
  }

  async run(): Promise<GateResult> {
    const started = performance.now()
    const {args, flags} = await this.parse(Gate)
    const [{gate}, {readSide}, {gatePage}, {terminal}, {withoutCommands}] = await Promise.all([
      import('../gate/gate.ts'),
      import('../gate/read-side.ts'),
      import('../gate/gate-page.ts'),
      import('../report/terminal.ts'),
      import('../gate/github.ts'),
    ])
    const policy = await readPolicy(flags)
    const baseline = await readSide(flags.baseline)
    const run = await readSide(args.run)
    const tasks = flags.task?.split(',').map((task) => task.trim())
    const result = await gate(run, baseline, {policy, tasks})
    this.print(withoutCommands(terminal(gatePage(result))).trimEnd())
    const {writeGateOutputs} = await import('../cli/gate-outputs.ts')
    await writeGateOutputs(result, {
      markdown: flags.markdown,
      junit: flags.junit,
      isGithub: flags.github,
      env: process.env,
      now: new Date(),
      seconds: (performance.now() - started) / 1000,
      write: (line) => process.stderr.write(line),
    })
    process.exitCode = EXIT_CODES[result.verdict]
    return result
  }

  /** A defect keeps its stack, and must not look like a regression. */
  protected override async catch(error: Error): Promise<void> {
    try {
      await super.catch(error)
    } catch (defect) {
      throw Object.assign(defect as Error, {oclif: {exit: DEFECT_EXIT}}) // what was thrown is the error handed in
    }
  }
}

async function readPolicy(flags: Readonly<Record<string, unknown>>): Promise<GatePolicy> {
  const [{readConfig}, {gatePolicySchema}] = await Promise.all([
    import('../config/read-config.ts'),
    import('../config/gate-policy.ts'),
  ])
  const named = {
    maxDrop: flags['max-drop'],
    atLeast: flags['at-least'],
    metrics: flags['metrics'],
    maxChanged: flags['max-changed'],
    maxLatencyRatio: flags['max-latency-ratio'],
    maxMemoryRatio: flags['max-memory-ratio'],
    allowDifferent: flags['allow-different'],
    flips: flags['flips'],
  }
  const settings = Object.fromEntries(Object.entries(named).map(([key, value]) => [key, numberOrText(value)]))
  const file = typeof flags['policy'] === 'string' ? flags['policy'] : undefined
  const {value} = await readConfig(gatePolicySchema, {file, flags: settings})
  return value
}

/** Text that is no number is refused by the policy's schema, by name. */
function numberOrText(value: unknown): unknown {
  return typeof value === 'string' && /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : value
}
