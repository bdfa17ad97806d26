import {boolean, integer, option, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {SlmError} from '../../errors.ts'

/** Nothing of ONNX is loaded before a model is built, so that `--help` answers at once. */
export default class ModelBuild extends BaseCommand {
  static override summary = "Write an untrained checkpoint of the paper's shape, for speed work"
  static override description =
    'Random weights of a given seed: speeds measured on them are valid, texts are not. Networks of one size are matched in parameters: first by whole layers, then by the feed-forward width.'
  static override examples = [
    'slm model build --arch enc-dec --params 330M --split 2/3-1/3 --dtype q4 --out models/mu',
    'slm model build --arch dec-only --params 330M --dry-run',
    'slm model build --arch enc-dec --encoder-layers 20 --decoder-layers 10 --width 1024 --out models/mu',
  ]

  static override flags = {
    arch: option({options: ['enc-dec', 'dec-only'] as const, required: true})({
      description: 'architecture',
    }),
    params: string({description: 'parameters wanted, e.g. 330M, 1B, 160k'}),
    split: string({description: 'layers in encoder and decoder', default: '2/3-1/3'}),
    'encoder-layers': integer({description: 'layers of the encoder, instead of --params', min: 1}),
    'decoder-layers': integer({description: 'layers of the decoder, instead of --params', min: 1}),
    layers: integer({description: 'layers of a decoder-only network, instead of --params', min: 1}),
    width: integer({description: 'width of the network', min: 16}),
    'feed-forward': integer({description: 'width inside the feed-forward (default 4 widths)', min: 16}),
    heads: integer({description: 'query heads', min: 1}),
    'kv-heads': integer({description: 'key/value heads (default half of the query heads)', min: 1}),
    'head-size': integer({description: 'size of a head', min: 2}),
    vocabulary: integer({description: 'tokens (default 32128, or as many as --tokenizer has)', min: 4}),
    context: integer({description: 'longest prompt', default: 1024, min: 1}),
    dtype: string({description: 'fp32, fp16, q8, q4, int8; several with commas', default: 'fp32'}),
    'block-size': option({options: ['16', '32', '64', '128'] as const})({
      description: 'values that share a scale, for q8 and q4',
      default: '32',
    }),
    'accuracy-level': option({options: ['0', '4'] as const})({
      description: 'of q8 and q4: 4 rounds activations to int8 (fast), 0 does not (batch invariant)',
      default: '4',
    }),
    tokenizer: string({description: 'folder of a tokenizer to copy (default: one token for each byte)'}),
    seed: integer({description: 'of the random weights', default: 0}),
    spread: string({
      description: 'size of the random weights; 1 keeps activations their size',
      default: '1',
    }),
    out: string({description: 'folder to write'}),
    'dry-run': boolean({description: 'print shape and parameters, write nothing'}),
  }

  async run() {
    const {flags} = await this.parse(ModelBuild)
    const {buildCheckpoint, planBuild} = await import('../../onnx/checkpoint/build-checkpoint.ts')
    const plan = planBuild({...flags, blockSize: flags['block-size'], accuracyLevel: flags['accuracy-level']})
    const {shape, parameters} = plan
    this.print(
      `${flags.arch}, ${parameters.toLocaleString('en-US')} parameters: ${
        shape.encoderLayers > 0 ? `${shape.encoderLayers} + ${shape.decoderLayers}` : shape.decoderLayers
      } layers, width ${shape.width}, ${shape.heads} heads of ${shape.headSize} (${shape.keyValueHeads} key/value), feed-forward ${shape.feedForward}, vocabulary ${shape.vocabulary}`,
    )
    if (flags['dry-run']) return {architecture: flags.arch, parameters, shape}
    if (flags.out === undefined)
      throw new SlmError('usage', 'no folder to write to', {hint: 'Give --out DIR, or --dry-run.'})
    const files = buildCheckpoint(plan, flags.out)
    for (const file of files) this.print(`  ${flags.out}/${file}`)
    return {architecture: flags.arch, parameters, shape, out: flags.out, files}
  }
}
