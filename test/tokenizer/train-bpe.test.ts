import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {bpeFiles, SPECIAL_TOKENS} from '../../src/tokenizer/bpe-files.ts'
import {openTokenizer} from '../../src/tokenizer/open-tokenizer.ts'
import {PieceCounts, trainBpe} from '../../src/tokenizer/train-bpe.ts'

/** Made by the program that it names. */
const golden: {
  readonly texts: readonly string[]
  readonly size: number
  readonly vocabulary: readonly string[]
  readonly merges: readonly (readonly [string, string])[]
  readonly encoded: readonly {readonly text: string; readonly ids: readonly number[]}[]
} = JSON.parse(readFileSync(new URL('../golden/bpe/train.json', import.meta.url), 'utf8'))

function train(texts: readonly string[], size: number) {
  const pieces = new PieceCounts()
  for (const text of texts) pieces.add(text)
  return trainBpe(pieces, size, SPECIAL_TOKENS)
}

async function opened(texts: readonly string[], size: number) {
  const folder = mkdtempSync(join(tmpdir(), 'slm-bpe-'))
  for (const [name, content] of bpeFiles(train(texts, size)))
    writeFileSync(join(folder, name), JSON.stringify(content))
  return openTokenizer(folder)
}

describe('trainBpe', () => {
  it('learns the tokens and merges of Hugging Face’s trainer, in its order', () => {
    const {vocabulary, merges} = train(golden.texts, golden.size)
    expect(vocabulary).toEqual(golden.vocabulary)
    expect(merges).toEqual(golden.merges)
  })

  it('writes a file that gives the ids of Hugging Face’s tokenizer', async () => {
    const tokenizer = await opened(golden.texts, golden.size)
    for (const {text, ids} of golden.encoded) expect(tokenizer.encode(text)).toEqual(ids)
  })

  it('stops where no pair occurs twice', () => {
    expect(train(['abc'], 400).merges).toEqual([])
    expect(train(['ab ab'], 400).merges).toEqual([['a', 'b']])
  })

  it('gives every text back', async () => {
    const tokenizer = await opened(golden.texts, golden.size)
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (text) => {
        // A special token that is written out is one, as in Hugging Face's tokenizers.
        fc.pre(!SPECIAL_TOKENS.some((token) => text.includes(token)))
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
      }),
    )
  })
})
