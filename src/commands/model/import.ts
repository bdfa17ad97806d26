import {string as textArgument} from '@oclif/core/args'
import {option, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'

export default class ModelImport extends BaseCommand {
  static override summary = "Turn PyTorch weights of the paper's network into an ONNX checkpoint"
  static override description =
    'Reads a .pt file of the training code, a bare state dict, or .safetensors. Nothing that a .pt file holds is ever run: it is read as data, and a file that asks for more is refused.'
  static override examples = ['slm model import --arch mu model.pt --out models/mu']

  static override args = {
    file: textArgument({description: '.pt or .safetensors', required: true}),
  }

  static override flags = {
    arch: option({options: ['mu'] as const, required: true})({description: 'the network of the weights'}),
    'model-config': string({
      description: 'configuration of the training code, JSON (default: config.json beside the file)',
    }),
    tokenizer: string({description: 'folder of the tokenizer (default: the folder of the file)'}),
    dtype: string({description: 'fp32, fp16, q8, q4, int8; several with commas', default: 'fp32'}),
    'block-size': option({options: ['16', '32', '64', '128'] as const})({
      description: 'values that share a scale, for q8 and q4',
      default: '32',
    }),
    'accuracy-level': option({options: ['0', '4'] as const})({
      description: 'of q8 and q4: 4 rounds activations to int8 (fast), 0 does not (batch invariant)',
      default: '4',
    }),
    out: string({description: 'folder to write', required: true}),
  }

  async run() {
    const {args, flags} = await this.parse(ModelImport)
    const {parsePrecisions} = await import('../../onnx/checkpoint/build-checkpoint.ts')
    const {importMu} = await import('../../onnx/pytorch/import-mu.ts')
    const {shape, parameters, files, notes} = importMu({
      file: args.file,
      modelConfig: flags['model-config'],
      tokenizer: flags.tokenizer,
      precisions: parsePrecisions(flags.dtype, flags['block-size'], flags['accuracy-level']),
      out: flags.out,
    })
    this.print(
      `${parameters.toLocaleString('en-US')} parameters, ${shape.encoderLayers} + ${shape.decoderLayers} layers, width ${shape.width}`,
    )
    for (const note of notes) this.print(`note: ${note}`)
    for (const file of files) this.print(`  ${flags.out}/${file}`)
    return {architecture: 'enc-dec', parameters, shape, out: flags.out, files, notes}
  }
}
