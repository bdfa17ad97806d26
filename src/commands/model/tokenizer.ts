import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {SlmError} from '../../errors.ts'

export default class ModelTokenizer extends BaseCommand {
  static override summary = 'Train a byte-level BPE tokenizer'
  static override description =
    'Writes a tokenizer.json that Hugging Face’s tokenizers, transformers and transformers.js load. Equal texts in equal order give equal bytes. <pad>, <s> and </s> are ids 0, 1 and 2; <s> begins every text.'
  static override examples = [
    'slm model tokenizer --data data/miniature/squad-mini/train.jsonl --columns question,context,answers --size 1024 --out models/bpe-1024',
    'slm model tokenizer --data train.java train.cs --size 4096 --out models/bpe-code',
  ]

  static override flags = {
    data: string({
      description: 'file to learn from: JSONL, JSON, CSV, Parquet, or plain text by lines',
      required: true,
      multiple: true,
    }),
    columns: string({description: 'columns to read, with commas (default: every text)'}),
    size: integer({description: 'tokens, the 256 bytes and 3 special ones included', required: true}),
    out: string({description: 'folder to write', required: true}),
  }

  async run() {
    const {flags} = await this.parse(ModelTokenizer)
    const {PieceCounts, trainBpe} = await import('../../tokenizer/train-bpe.ts')
    const {bpeFiles, SPECIAL_TOKENS} = await import('../../tokenizer/bpe-files.ts')
    const {corpusTexts} = await import('../../train/corpus-texts.ts')
    const {makeFolder} = await import('../../onnx/checkpoint/make-folder.ts')
    const least = 256 + SPECIAL_TOKENS.length
    if (flags.size < least)
      throw new SlmError('usage', `--size ${flags.size} has no room for the bytes and special tokens`, {
        hint: `Give at least ${least}.`,
      })
    const columns = flags.columns?.split(',').map((name) => name.trim())
    const pieces = new PieceCounts()
    for await (const text of corpusTexts(flags.data, columns)) pieces.add(text)
    const trained = trainBpe(pieces, flags.size, SPECIAL_TOKENS)
    makeFolder(flags.out)
    const files = bpeFiles(trained)
    for (const [name, content] of files)
      writeFileSync(join(flags.out, name), `${JSON.stringify(content, null, 2)}\n`)
    const tokens = trained.vocabulary.length
    this.print(`${flags.out}: ${tokens} tokens, ${trained.merges.length} merges`)
    if (tokens < flags.size)
      this.print(`  fewer than the ${flags.size} wanted: no pair is left that occurs twice`)
    return {out: flags.out, tokens, merges: trained.merges.length, files: [...files.keys()]}
  }
}
