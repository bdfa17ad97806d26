import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {captureOutput} from '@oclif/test'
import {afterAll, afterEach, describe, expect, it} from 'vitest'
import Score from '../../src/commands/score.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'slm-score-command-'))
const predictions = join(folder, 'predictions.txt')
const references = join(folder, 'references.txt')
writeFileSync(predictions, 'a b c d e\nx y\n')
writeFileSync(references, 'a b c d e\nx z\n')

afterAll(() => rmSync(folder, {recursive: true, force: true}))
afterEach(() => {
  process.exitCode = undefined
})

function run(...flags: readonly string[]): Promise<{stdout: string; stderr: string}> {
  return captureOutput(() => Score.run(['--task', 'codex', '--predictions', predictions, ...flags], root))
}

describe('slm score', () => {
  it('prints values with intervals, counts, definitions and notes', async () => {
    const {stdout} = await run('--references', references, '--metrics', 'bleu, accuracy', '--seed', '3')
    expect(stdout).toMatchInlineSnapshot(`
      "codex: 2 samples

      metric           value  95% interval     count  Wilson's
      -------------------------------------------------------------
        bleu           92.41  [66.87, 100.00]  2
        accuracy       50.00  [0.00, 100.00]   2      [9.45, 90.55]

      Definitions
      - bleu: CodeXGLUE code-to-code-trans bleu.py, smoothed corpus BLEU-4 on white-space tokens
      - accuracy: CodeXGLUE code-to-code-trans evaluator.py, exact match

      Notes
      - intervals: percentile bootstrap over samples, 10000 resamples, seed 3
      "
    `)
  })

  it('says in words that no sample counts, beside metrics with and without a second interval', async () => {
    const {stdout} = await run('--references', references, '--metrics', 'noAns-f1,exact')
    expect(stdout).toMatch(/noAns-f1 +none +0\n/)
    expect(stdout).toContain('- noAns-f1: no sample counts for this metric')
  })

  it('prints nothing but the scores as JSON under --json', async () => {
    const {stdout} = await run('--references', references, '--metrics', 'accuracy', '--json')
    const {task, count, metrics} = JSON.parse(stdout) as Record<string, unknown>
    expect({task, count, metrics}).toEqual({
      task: 'codex',
      count: 2,
      metrics: {accuracy: {value: 50, low: 0, high: 100, count: 2, wilson: expect.anything()}},
    })
  })

  it('ends with exit code 2 and two plain lines for what a user can mend', async () => {
    writeFileSync(join(folder, 'short.txt'), 'a\n')
    const {stderr} = await run('--references', join(folder, 'short.txt'))
    expect(process.exitCode).toBe(2)
    expect(stderr).toMatchInlineSnapshot(`
      "slm: lines of predictions.txt: 2; rows of short.txt: 1
        Line n must belong to row n; give rows with ids (JSON Lines) to score a part.
      "
    `)
  })

  it('refuses references and data at once', async () => {
    const {stderr} = await run('--references', references, '--data', references)
    expect([process.exitCode, stderr]).toEqual([2, expect.stringContaining('--references')])
  })
})
