import {boolean, integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'
import {decodeFlags, settingsOfFlags} from '../cli/run-flags.ts'

interface Result {
  readonly model: string
  readonly rows: number
  readonly failed: number
  readonly newTokens: number
  readonly seconds: number
  /** With --json and without --out: the rows themselves. */
  readonly results?: readonly unknown[]
}

export default class Generate extends BaseCommand {
  static override summary = 'Decode any prompts, with token ids, log-probabilities and top logits.'
  static override description =
    `Rows in: {"id","text"} or {"id","ids"}, one JSON object a line. Rows out, in the same order: id, promptIds, newIds,
text, finish, logprob; with --top-logits also steps, the best ids and raw logits of each chosen token. A row that fails has status "failed", its stage and its error.`
  static override examples = [
    '<%= config.bin %> generate --model demo-enc-dec --prompts prompts.jsonl',
    `echo '{"id":1,"text":"Hello"}' | <%= config.bin %> generate --model FOLDER --prompts - --top-logits 5`,
    `<%= config.bin %> generate --model FOLDER --prompts prompts.jsonl --generation '{"num_beams":4,"length_penalty":2}'`,
  ]
  static override flags = {
    model: string({
      char: 'm',
      description: 'folder, shipped name or hub id owner/name[@revision]',
      helpGroup: 'MODEL',
    }),
    prompts: string({
      char: 'p',
      description: 'JSON Lines file, or - for standard input',
      helpValue: '<file>',
    }),
    out: string({char: 'o', description: 'output file; standard output by default', helpValue: '<file>'}),
    'top-logits': integer({description: 'keep the n best logits of each step', helpValue: '<n>'}),
    stop: string({
      description: 'a text that ends a row; may be repeated',
      multiple: true,
      multipleNonGreedy: true,
      helpGroup: 'DECODING',
    }),
    chat: boolean({
      description: 'send each text as a user message through the chat template',
      helpGroup: 'DECODING',
    }),
    ...decodeFlags,
  }

  async run(): Promise<Result> {
    const {flags} = await this.parse(Generate)
    const [{generate}, {readConfig}, {generateConfigSchema}, {resolveModel}, {pullModel}, {openRowOutput}] =
      await Promise.all([
        import('../eval/generate.ts'),
        import('../config/read-config.ts'),
        import('../config/generate-config.ts'),
        import('../inference/resolve-model.ts'),
        import('../cli/pull-model.ts'),
        import('../cli/row-output.ts'),
      ])
    const {value: config} = await readConfig(generateConfigSchema, {
      flags: settingsOfFlags(flags, Object.keys(Generate.flags)),
    })
    const model = await resolveModel(config.model, pullModel(config.dtype))
    const output = openRowOutput({file: config.out, isKept: this.jsonEnabled() && config.out === undefined})
    const start = performance.now()
    let failed = 0
    let newTokens = 0
    for await (const row of generate(model, config, output.hooks)) {
      if ('newIds' in row) newTokens += row.newIds.length
      else failed += 1
      await output.write(row)
    }
    const kept = await output.end()
    if (failed > 0) process.exitCode = 1
    const seconds = (performance.now() - start) / 1000
    const result = {model: model.name, rows: output.rows(), failed, newTokens, seconds}
    process.stderr.write(
      `${result.rows} rows, ${failed} failed, ${newTokens} new tokens in ${seconds.toFixed(1)} s\n`,
    )
    return kept === undefined ? result : {...result, results: kept}
  }
}
