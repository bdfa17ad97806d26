import {freemem, totalmem} from 'node:os'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'
import {decodeFlags} from '../cli/run-flags.ts'
import type {RuntimeFacts} from '../engine/runtime-facts.ts'
import type {SelfTestCheck} from '../engine/self-test.ts'

interface Report extends RuntimeFacts {
  readonly slm: string
  readonly node: string
  readonly platform: string
  readonly memory: {readonly totalBytes: number; readonly freeBytes: number}
  readonly selfTest:
    | {
        readonly model: string
        readonly passed: boolean
        readonly notes: readonly string[]
        readonly checks: readonly SelfTestCheck[]
      }
    | {readonly missing: string}
}

export default class Doctor extends BaseCommand {
  static override summary = 'Print versions, providers, threads and memory, and self-test a checkpoint.'
  static override description =
    `With --model, or with the first shipped checkpoint, proves on a short prompt that steps with the cache equal the whole prompt,
that a row in a padded batch equals the row alone, and that rows can leave and join. Exit code 1 when a check fails.`
  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor --model FOLDER --dtype q4 --exact',
  ]
  static override flags = {
    model: string({
      char: 'm',
      description: 'checkpoint to test: folder, shipped name or hub id',
      helpGroup: 'MODEL',
    }),
    dtype: decodeFlags.dtype,
    device: decodeFlags.device,
    threads: decodeFlags.threads,
    exact: decodeFlags.exact,
  }

  async run(): Promise<Report> {
    const {flags} = await this.parse(Doctor)
    const [{runtimeFacts}, {testCheckpoint}, {shippedCheckpoints}, {pullModel}] = await Promise.all([
      import('../engine/runtime-facts.ts'),
      import('../inference/test-checkpoint.ts'),
      import('../inference/shipped-checkpoints.ts'),
      import('../cli/pull-model.ts'),
    ])
    const model = flags.model ?? (await shippedCheckpoints())[0]
    const report: Report = {
      slm: this.config.version,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      memory: {totalBytes: totalmem(), freeBytes: freemem()},
      ...runtimeFacts(),
      selfTest:
        model === undefined
          ? {missing: 'no checkpoint comes with this build; give --model'}
          : await testCheckpoint({...flags, model}, pullModel()),
    }
    this.print(reportText(report))
    if ('passed' in report.selfTest && !report.selfTest.passed) process.exitCode = 1
    return report
  }
}

const GB = 2 ** 30

function reportText(report: Report): string {
  const {memory, selfTest} = report
  const providers = report.providers.map(({name, isBundled}) =>
    isBundled ? name : `${name} (needs its own libraries)`,
  )
  const lines = [
    `slm ${report.slm}, Node ${report.node}, ${report.platform}`,
    `ONNX Runtime ${report.onnxruntime}, transformers.js ${report.transformers}`,
    `providers   ${providers.join(', ')}`,
    `processor   ${report.processor}, ${report.processors} logical; ${report.threads} threads by default`,
    `extensions  ${report.extensions.join(' ') || 'not said by this system'}`,
    `memory      ${(memory.freeBytes / GB).toFixed(1)} of ${(memory.totalBytes / GB).toFixed(1)} GiB free`,
  ]
  if ('missing' in selfTest) return [...lines, `self-test   not run: ${selfTest.missing}`].join('\n')
  lines.push(`self-test   ${selfTest.model}: ${selfTest.passed ? 'passed' : 'FAILED'}`)
  for (const {name, passed, detail} of selfTest.checks)
    lines.push(`  ${passed ? 'ok  ' : 'FAIL'} ${name} (${detail})`)
  for (const note of selfTest.notes) lines.push(`  note ${note}`)
  return lines.join('\n')
}
