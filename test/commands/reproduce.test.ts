import {spawnSync} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {tinyReproduction} from '../reproduce/tiny-reproduction.ts'
import {grown, slm} from './slm-process.ts'

const ONE_MODEL = {
  models: [
    {
      name: 'enc-dec-1-1',
      methods: ['kd'],
      network: {arch: 'enc-dec', encoderLayers: 1, decoderLayers: 1, width: 32, heads: 2, headSize: 16},
    },
  ],
}
const SECONDS = 1000

describe('slm reproduce', () => {
  it('finds the configuration that comes with it from any folder', () => {
    const program = fileURLToPath(new URL('../../bin/dev.js', import.meta.url))
    const tsx = createRequire(import.meta.url).resolve('tsx')
    const words = ['--import', tsx, program, 'reproduce', '--sizes', 'xxl']
    const {status, stderr} = spawnSync(process.execPath, words, {cwd: tmpdir(), encoding: 'utf8'})
    expect(stderr).toContain('no model has the size xxl')
    expect(status).toBe(2)
  })

  it(
    'prints the plan with times and does nothing in a dry run',
    async () => {
      const {config, out} = tinyReproduction()
      const {code, stdout} = await slm(['reproduce', '--config', config, '--dry-run']).ended
      expect(code).toBe(0)
      expect(stdout).toContain('11 steps, 11 to do; time of each, 1 at once:')
      expect(stdout).toMatch(/seed-1\/enc-dec-1-1-kd +about +\d+:\d\d/)
      expect(existsSync(out)).toBe(false)
    },
    120 * SECONDS,
  )

  it(
    'trains, evaluates, prints the table and ships; then has nothing to do',
    async () => {
      const {config, out, folder} = tinyReproduction(ONE_MODEL)
      const ship = join(folder, 'ship')
      const command = ['reproduce', '--config', config, '--ship', ship]
      const {code, stdout, stderr} = await slm(command).ended
      expect(code, stderr).toBe(0)
      expect(stdout).toContain('Encoder-Decoder (KD)\n  1/2-1/2: enc-dec-1-1')
      expect(stdout).toContain('Only 1 of 3 seeds were asked for')
      expect(existsSync(join(out, 'table', 'index.html'))).toBe(true)

      const files = ['onnx/encoder_model_q8.onnx', 'tokenizer.json', 'training/loss.svg', 'README.md']
      for (const file of files) expect(existsSync(join(ship, 'enc-dec-1-1-kd', file)), file).toBe(true)
      expect(existsSync(join(ship, 'enc-dec-1-1-kd', 'onnx/encoder_model.onnx'))).toBe(false)
      const shipped = readFileSync(join(ship, 'enc-dec-1-1-kd', 'training', 'train.yaml'), 'utf8')
      expect(shipped).not.toContain(folder)
      expect(parse(shipped)).toMatchObject({seed: 1, distillation: {teacher: 'teacher'}})

      const again = await slm(command).ended
      expect(again.code, again.stderr).toBe(0)
      expect(again.stdout).toContain('Everything is done.')
      expect(again.stderr).not.toContain('slm model train')
    },
    600 * SECONDS,
  )

  it(
    'says which command goes on after Ctrl-C, and that command goes on inside the training',
    async () => {
      const {config, out} = tinyReproduction({
        ...ONE_MODEL,
        training: {steps: 3000, batchSize: 8, saveEvery: 5},
      })
      const command = ['reproduce', '--config', config, '--threads', '1']
      const first = slm(command)
      await grown(join(out, 'teacher', 'training', 'log.jsonl'), 2000, first)
      first.child.kill('SIGINT')
      const {code, stderr} = await first.ended
      expect(code, stderr).toBe(130)
      expect(stderr).toContain(`go on with: `)
      const second = slm(command)
      await grown(
        join(out, 'logs', 'teacher.log'),
        readFileSync(join(out, 'logs', 'teacher.log')).length + 200,
        second,
      )
      second.child.kill('SIGINT')
      await second.ended
      expect(readFileSync(join(out, 'logs', 'teacher.log'), 'utf8')).toContain('going on after')
    },
    600 * SECONDS,
  )

  it(
    'ends in order with exit code 1 where the budget does not hold the next step',
    async () => {
      const {config} = tinyReproduction(ONE_MODEL)
      const {code, stdout, stderr} = await slm(['reproduce', '--config', config, '--budget', '1s']).ended
      expect(code).toBe(1)
      expect(stderr).toContain('tokenizer: about 1:00, and 0:01 of the budget are left: not begun')
      expect(stdout).toContain('Not done: tokenizer, teacher,')
    },
    120 * SECONDS,
  )
})
