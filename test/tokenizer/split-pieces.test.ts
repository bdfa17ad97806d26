import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {openTokenizer} from '../../src/tokenizer/open-tokenizer.ts'
import {isolateSplits} from '../../src/tokenizer/split-pieces.ts'

const TEXTS = ['ab--c-d-', '-a', 'ab12c3', '12', 'x']
const DASH = {String: '-'}
const DIGIT = {Regex: '[0-9]'}

/** Pieces of TEXTS, from tokenizers 0.22.2: `pre_tokenizers.Split(pattern, behavior, invert).pre_tokenize_str(text)`. */
const GOLDEN = [
  ['Removed', DASH, false, 'ab c d|a|ab12c3|12|x'],
  ['Isolated', DASH, false, 'ab - - c - d -|- a|ab12c3|12|x'],
  ['Isolated', DIGIT, true, 'ab--c-d-|-a|ab 1 2 c 3|1 2|x'],
  ['MergedWithPrevious', DASH, false, 'ab- - c- d-|- a|ab12c3|12|x'],
  ['MergedWithPrevious', DIGIT, true, 'ab--c-d-|-a|ab 1 2c 3|1 2|x'],
  ['MergedWithNext', DASH, false, 'ab - -c -d -|-a|ab12c3|12|x'],
  ['MergedWithNext', DIGIT, false, 'ab--c-d-|-a|ab 1 2c 3|1 2|x'],
  ['MergedWithNext', DASH, true, 'ab- - c- d-|- a|ab12c3|12|x'],
  ['Contiguous', DASH, false, 'ab -- c - d -|- a|ab12c3|12|x'],
  ['Contiguous', DIGIT, true, 'ab--c-d-|-a|ab 12 c 3|12|x'],
] as const

/** The pieces, as a tokenizer shows them whose words are all pieces above. */
async function piecesOf(preTokenizer: object): Promise<string> {
  const words = [...new Set(GOLDEN.flatMap(([, , , pieces]) => pieces.split(/[ |]/)))]
  const folder = await mkdtemp(join(tmpdir(), 'slm-split-'))
  const file = {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: {type: 'Sequence', pretokenizers: [preTokenizer]},
    post_processor: null,
    decoder: {type: 'Fuse'},
    model: {
      type: 'WordPiece',
      unk_token: '?',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(['?', ...words].map((word, id) => [word, id])),
    },
  }
  try {
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(file))
    const tokenizer = await openTokenizer(folder)
    const pieces = TEXTS.map((text) => tokenizer.encode(text).map((id) => ['?', ...words][id]))
    return pieces.map((each) => each.join(' ')).join('|')
  } finally {
    await rm(folder, {recursive: true})
  }
}

describe('Split of tokenizer.json gives the pieces that Hugging Face tokenizers gives', () => {
  it.each(GOLDEN)('%s of %o, invert %s', async (behavior, pattern, invert, pieces) => {
    expect(await piecesOf({type: 'Split', pattern, behavior, invert})).toBe(pieces)
  })
})

describe('isolateSplits', () => {
  it('leaves alone what the library knows', () => {
    const known = {type: 'Split', pattern: DIGIT, behavior: 'Isolated', invert: false}
    expect(isolateSplits(known)).toBe(known)
    expect(isolateSplits(null)).toBeNull()
    const bytes = {type: 'ByteLevel', add_prefix_space: false}
    expect(isolateSplits({type: 'Sequence', pretokenizers: [bytes]})).toEqual({
      type: 'Sequence',
      pretokenizers: [bytes],
    })
  })

  it('takes a literal pattern as it is written', () => {
    expect(
      isolateSplits({type: 'Split', pattern: {String: '.'}, behavior: 'Contiguous', invert: false}),
    ).toMatchObject({
      pattern: {Regex: '(?:\\.)+'},
    })
  })
})
