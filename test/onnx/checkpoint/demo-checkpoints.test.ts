import {execFileSync} from 'node:child_process'
import {mkdtempSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {byteTokenizerFiles} from '../../../src/onnx/checkpoint/byte-tokenizer.ts'
import {openTokenizer} from '../../../src/tokenizer/open-tokenizer.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const shipped = join(root, 'checkpoints')

describe('the demo checkpoints', () => {
  it('are what their script writes, byte for byte', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slm-'))
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build-demo-checkpoints.ts', folder], {
      cwd: root,
    })
    const files = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((name) =>
      statSync(join(folder, name)).isFile(),
    )
    expect(files.length).toBe(15)
    for (const name of files)
      expect(`${name} ${readFileSync(join(shipped, name)).equals(readFileSync(join(folder, name)))}`).toBe(
        `${name} true`,
      )
  })

  it('say that they are untrained, to people and to programs', () => {
    for (const name of ['demo-enc-dec', 'demo-dec-only']) {
      expect(readFileSync(join(shipped, name, 'README.md'), 'utf8')).toContain('**Untrained.**')
      expect(JSON.parse(readFileSync(join(shipped, name, 'config.json'), 'utf8'))).toMatchObject({
        slm: {untrained: true},
      })
    }
  })
})

describe('the byte tokenizer', () => {
  it('gives begin and one token for each byte, and the text back', async () => {
    const tokenizer = await openTokenizer(join(shipped, 'demo-enc-dec'))
    expect(tokenizer.encode('aé\n')).toEqual([1, 3 + 0x61, 3 + 0xc3, 3 + 0xa9, 3 + 0x0a])
    for (const text of ['', ' two  spaces ', '### Java\tif (a<b) {}', '日本 🙂'])
      expect(tokenizer.decode(tokenizer.encode(text), {skipSpecialTokens: true})).toBe(text)
  })

  it('has a name for each of its 259 tokens', () => {
    const file = byteTokenizerFiles(1024, 'left').get('tokenizer.json')
    expect(Object.keys((file as {model: {vocab: object}}).model.vocab).length).toBe(259)
  })
})
