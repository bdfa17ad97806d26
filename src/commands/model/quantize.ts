import {string as textArgument} from '@oclif/core/args'
import {boolean, integer, option, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {SlmError} from '../../errors.ts'
import type {CostRequest} from '../../eval/quantization-cost.ts'

export default class ModelQuantize extends BaseCommand {
  static override summary = 'Write the small forms of a float32 checkpoint'
  static override description =
    'Rounds weight matrices and the embedding of every float32 graph in the folder, ours or another exporter’s; the new graphs stand beside the old ones under the dtype’s suffix, or in another folder with --out.\nThen a sample is answered by the float32 graphs and by each small form: ROUGE-L of both, the difference on the same samples with its 95% bootstrap interval, and how far the answers have the same tokens. --no-cost leaves that out.'
  static override examples = [
    'slm model quantize models/flan-t5-small --dtype q4',
    'slm model quantize models/mu --dtype q8,int8 --out models/mu-small',
  ]

  static override args = {
    folder: textArgument({description: 'checkpoint folder with float32 graphs', required: true}),
  }

  static override flags = {
    dtype: string({description: 'fp16, q8, q4, int8; several with commas', required: true}),
    'block-size': option({options: ['16', '32', '64', '128'] as const})({
      description: 'values that share a scale, for q8 and q4',
      default: '32',
    }),
    'accuracy-level': option({options: ['0', '4'] as const})({
      description: 'of q8 and q4: 4 rounds activations to int8 (fast), 0 does not (batch invariant)',
      default: '4',
    }),
    out: string({description: 'folder to write (default: the folder itself)'}),
    cost: boolean({
      description:
        'answer a sample with both forms and print what the small one costs (default: unless the weights are untrained)',
      allowNo: true,
    }),
    'sample-task': string({
      description:
        'task of that sample (default: the first that the checkpoint was trained on, else xsum-mini)',
      helpValue: '<task>',
    }),
    sample: integer({
      description: 'rows of that sample, from the start of the task’s data',
      default: 50,
      min: 1,
    }),
    threads: integer({description: 'threads inside one operator (default: one for each processor)', min: 1}),
  }

  async run() {
    const {args, flags} = await this.parse(ModelQuantize)
    const {folder} = args
    const {parsePrecisions} = await import('../../onnx/checkpoint/build-checkpoint.ts')
    const {quantizeCheckpoint} = await import('../../onnx/checkpoint/quantize-checkpoint.ts')
    const {loadTask} = await import('../../tasks/load-task.ts')
    const {cost, 'sample-task': task, sample: samples, threads} = flags
    // A task that cannot be read is told before anything is written.
    if (task !== undefined) await loadTask(task)
    const out = flags.out ?? folder
    const precisions = parsePrecisions(flags.dtype, flags['block-size'], flags['accuracy-level'])
    const files = precisions.flatMap((precision) => quantizeCheckpoint({folder, out, precision}))
    for (const {file, matrices, bytesBefore, bytesAfter} of files)
      this.print(
        `${out}/${file}: ${matrices} matrices, ${megabytes(bytesBefore)} -> ${megabytes(bytesAfter)} MB`,
      )
    if (cost === false) return {out, files, costs: {missing: 'left out by --no-cost'}}
    const {FALLBACK_TASK, sampleTaskOf} = await import('../../eval/quantization-cost.ts')
    const chosen = task ?? (await sampleTaskOf(folder)) ?? (cost === true ? FALLBACK_TASK : undefined)
    if (chosen === undefined) {
      this.print('cost not measured: the weights are untrained (--cost measures it all the same)')
      return {out, files, costs: {missing: 'the weights are untrained'}}
    }
    const dtypes = precisions.map(({dtype}) => dtype)
    const costs = await this.costs({folder, out, dtypes, task: chosen, samples, threads})
    return {out, files, costs}
  }

  private async costs(request: CostRequest) {
    const {quantizationLines} = await import('../../cli/quantization-lines.ts')
    const {withProgress} = await import('../../cli/run-events.ts')
    const {quantizationCosts} = await import('../../eval/quantization-cost.ts')
    try {
      const costs = await withProgress({isQuiet: false}, (listener) => quantizationCosts(request, listener))
      for (const line of quantizationLines(costs)) this.print(line)
      return costs
    } catch (error) {
      throw withGraphsWritten(error)
    }
  }
}

/** The graphs are there by then; what was answered of the sample is not kept. */
function withGraphsWritten(error: unknown): unknown {
  if (!(error instanceof SlmError)) return error
  const {code, message, hint = '', exit} = error
  const isInterrupted = code === 'interrupted'
  return new SlmError(
    code,
    `the graphs are written, their cost is not measured: ${isInterrupted ? 'interrupted' : message}`,
    {hint: isInterrupted ? hint : `${hint} --no-cost leaves it out.`.trim(), exit, cause: error},
  )
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
