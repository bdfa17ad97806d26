import {string as textArgument} from '@oclif/core/args'
import {boolean, integer, option, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
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
      description: 'answer a sample with both forms and print what the small one costs (default)',
      default: true,
      allowNo: true,
    }),
    'sample-task': string({
      description:
        'task of that sample (default: the one that the checkpoint was trained on, else xsum-mini)',
      helpValue: '<task>',
    }),
    sample: integer({
      description: 'rows of that sample, from the start of the task’s data',
      default: 50,
      min: 1,
    }),
    threads: integer({description: 'threads inside one operator (default: physical cores)', min: 1}),
  }

  async run() {
    const {args, flags} = await this.parse(ModelQuantize)
    const {parsePrecisions} = await import('../../onnx/checkpoint/build-checkpoint.ts')
    const {quantizeCheckpoint} = await import('../../onnx/checkpoint/quantize-checkpoint.ts')
    const out = flags.out ?? args.folder
    const precisions = parsePrecisions(flags.dtype, flags['block-size'], flags['accuracy-level'])
    const files = precisions.flatMap((precision) => quantizeCheckpoint({folder: args.folder, out, precision}))
    for (const {file, matrices, bytesBefore, bytesAfter} of files)
      this.print(
        `${out}/${file}: ${matrices} matrices, ${megabytes(bytesBefore)} -> ${megabytes(bytesAfter)} MB`,
      )
    if (!flags.cost) return {out, files}
    const request = {
      folder: args.folder,
      out,
      dtypes: precisions.map(({dtype}) => dtype),
      task: flags['sample-task'],
      samples: flags.sample,
      threads: flags.threads,
    }
    const {quantizationLines} = await import('../../cli/quantization-lines.ts')
    const costs = await this.costs(request)
    for (const line of quantizationLines(costs)) this.print(line)
    return {out, files, costs}
  }

  private async costs({task, ...request}: Omit<CostRequest, 'task'> & {readonly task: string | undefined}) {
    const [{quantizationCosts, sampleTaskOf}, {withProgress}] = await Promise.all([
      import('../../eval/quantization-cost.ts'),
      import('../../cli/run-events.ts'),
    ])
    const named = task ?? (await sampleTaskOf(request.folder))
    return withProgress({isQuiet: false}, (listener) =>
      quantizationCosts({...request, task: named}, listener),
    )
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
