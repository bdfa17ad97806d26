import {existsSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import ModelTokenizer from '../../src/commands/model/tokenizer.ts'
import {openTokenizer} from '../../src/tokenizer/open-tokenizer.ts'
import {quietly} from '../onnx/quietly.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const attempt = (...flags: string[]) => quietly(() => ModelTokenizer.run(flags, root))

describe('slm model tokenizer', () => {
  it('writes equal bytes for equal data, from chosen columns and from lines', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slm-tokenizer-'))
    const rows = join(folder, 'rows.jsonl')
    const lines = join(folder, 'lines.txt')
    writeFileSync(rows, '{"id":"zzzzzz","text":"deep deep","answers":["deep"]}\n')
    writeFileSync(lines, 'so keeper\nno keeper\n')
    const files = ['one', 'two'].map((name) => join(folder, name))
    for (const out of files)
      await attempt('--data', rows, lines, '--columns', 'text,answers', '--size', '300', '--out', out)
    const [one, two] = files.map((out) => readFileSync(join(out, 'tokenizer.json'), 'utf8'))
    expect(one).toBe(two)
    const tokenizer = await openTokenizer(files[0]!)
    expect(tokenizer.encode('deep keeper').length).toBe(3)
    expect(tokenizer.encode('zz').length).toBe(3)
  })

  it.each([
    ['question,answer', 'rows.jsonl holds no text in question, answer'],
    ['text', 'empty.txt holds no text'],
  ])('learns nothing from a file without a text in %s, and says so', async (columns, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'slm-tokenizer-'))
    const [rows, empty, out] = ['rows.jsonl', 'empty.txt', 'out'].map((name) => join(folder, name))
    writeFileSync(rows!, '{"text":"deep deep"}\n')
    writeFileSync(empty!, '')
    const {stderr, exitCode} = await attempt(
      '--data',
      rows!,
      empty!,
      '--columns',
      columns,
      '--size',
      '300',
      '--out',
      out!,
    )
    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
    expect(existsSync(out!)).toBe(false)
  })

  it('says so where a file lies in place of the folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slm-tokenizer-'))
    const lines = join(folder, 'lines.txt')
    writeFileSync(lines, 'so keeper\n')
    const {stderr, exitCode} = await attempt('--data', lines, '--size', '300', '--out', lines)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('lines.txt lies where a file is')
  })

  it('refuses a size without room for the bytes', async () => {
    const {stderr, exitCode} = await attempt('--data', 'any', '--size', '100', '--out', 'nowhere')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('at least 259')
  })
})
