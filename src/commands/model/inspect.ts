import {string as text} from '@oclif/core/args'
import {BaseCommand} from '../../cli/base-command.ts'
import type {Inspection, Known} from '../../engine/inspect-checkpoint.ts'

export default class ModelInspect extends BaseCommand {
  static override summary = 'Say what a checkpoint holds: files, dtypes, parameters, special tokens, inputs.'
  static override description =
    'Reads the files and runs nothing. What is missing or not supported is said by name.'
  static override examples = [
    '<%= config.bin %> model inspect demo-enc-dec',
    '<%= config.bin %> model inspect FOLDER --json',
  ]
  static override args = {
    model: text({description: 'folder, shipped name or hub id owner/name[@revision]', required: true}),
  }

  async run(): Promise<Inspection> {
    const {args} = await this.parse(ModelInspect)
    const [{inspectCheckpoint}, {resolveModel}, {pullModel}] = await Promise.all([
      import('../../engine/inspect-checkpoint.ts'),
      import('../../inference/resolve-model.ts'),
      import('../../cli/pull-model.ts'),
    ])
    const found = await inspectCheckpoint(await resolveModel(args.model, pullModel()))
    this.print(inspectionText(found))
    return found
  }
}

function inspectionText(found: Inspection): string {
  const {specialTokens: tokens, tokenizer} = found
  const vocabulary =
    'missing' in tokenizer
      ? tokenizer.missing
      : `${tokenizer.vocabulary} tokens, ${tokenizer.hasChatTemplate ? 'with' : 'no'} chat template`
  const lines = [
    `${found.name}: ${found.architecture}, ${found.parameters.toLocaleString('en')} parameters`,
    `sizes      vocabulary ${shown(found.vocabulary)}, context ${shown(found.contextLength)}`,
    `training   ${shown(found.training)}`,
    `tokens     end ${tokens.end.join(', ')}; pad ${shown(tokens.pad)}; begin ${shown(tokens.begin)}; decoder start ${shown(tokens.decoderStart)}`,
    `tokenizer  ${vocabulary}`,
  ]
  for (const {dtype, isDefault, files, batching} of found.variants) {
    lines.push(`${dtype.padEnd(10)} ${isDefault ? '(default) ' : ''}rows beside each other: ${batching}`)
    for (const {path, bytes, opset, inputs, externalFiles} of files) {
      lines.push(
        `  ${path}  ${(bytes / 1e6).toFixed(1)} MB, opset ${opset}${externalFiles.length > 0 ? `, weights in ${externalFiles.join(', ')}` : ''}`,
      )
      lines.push(`    inputs ${inputsText(inputs)}`)
    }
  }
  return [...lines, ...found.problems.map((problem) => `problem    ${problem}`)].join('\n')
}

/** The many key and value inputs as one. */
function inputsText(inputs: readonly string[]): string {
  const caches = inputs.filter((name) => name.startsWith('past'))
  const others = inputs.filter((name) => !name.startsWith('past'))
  return [
    ...others,
    ...(caches.length > 0 ? [`${caches[0]} ... (${caches.length} keys and values)`] : []),
  ].join(', ')
}

function shown(value: Known<number | string>): string {
  return typeof value === 'object' ? `none (${value.missing})` : String(value)
}
