import {string as textArgument} from '@oclif/core/args'
import {option, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'

export default class ModelQuantize extends BaseCommand {
  static override summary = 'Write the small forms of a float32 checkpoint'
  static override description =
    'Rounds weight matrices and the embedding of every float32 graph in the folder, ours or another exporter’s; the new graphs stand beside the old ones under the dtype’s suffix, or in another folder with --out.'
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
  }

  async run() {
    const {args, flags} = await this.parse(ModelQuantize)
    const {parsePrecisions} = await import('../../onnx/checkpoint/build-checkpoint.ts')
    const {quantizeCheckpoint} = await import('../../onnx/checkpoint/quantize-checkpoint.ts')
    const out = flags.out ?? args.folder
    const files = parsePrecisions(flags.dtype, flags['block-size'], flags['accuracy-level']).flatMap(
      (precision) => quantizeCheckpoint({folder: args.folder, out, precision}),
    )
    for (const {file, matrices, bytesBefore, bytesAfter} of files)
      this.print(
        `${out}/${file}: ${matrices} matrices, ${megabytes(bytesBefore)} -> ${megabytes(bytesAfter)} MB`,
      )
    return {out, files}
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
