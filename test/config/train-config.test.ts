import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {parseDuration} from '../../src/config/parse-duration.ts'
import {readConfig} from '../../src/config/read-config.ts'
import {trainConfigSchema} from '../../src/config/train-config.ts'

const folder = fileURLToPath(new URL('../../configs/train', import.meta.url))

it.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))(
  'configs/train/%s is a valid training that says where it goes',
  async (name) => {
    const {value} = await readConfig(trainConfigSchema, {file: join(folder, name), flags: {}})
    expect(value.out).toMatch(/^models\//)
  },
)

describe('the configuration of a training', () => {
  const least = {tasks: 'squad-mini', tokenizer: 't', network: {arch: 'enc-dec', params: '1M'}, steps: 1}

  it('draws as in the paper when it is only told to be on-policy', () => {
    const distillation = {teacher: 'x', targets: 'on-policy'}
    const {sampling, alpha} = trainConfigSchema.parse({...least, distillation}).distillation!
    expect({...sampling, alpha}).toMatchObject({alpha: 0.9, temperature: 0.9, topK: 128, refreshEvery: 1})
  })

  it.each([
    [{curriculum: {steps: 3}}, 'must name data or a split of at least one task'],
    [{distillation: {teacher: 'x', targets: 'student'}}, 'must be gold or on-policy'],
    [{optimizer: {decay: 'steps'}}, 'must be linear or cosine'],
    [{evaluation: {split: {codex: ''}}}, 'must be the name of a split'],
  ])('refuses %j in words', async (more, why) => {
    await expect(readConfig(trainConfigSchema, {flags: {...least, ...more}})).rejects.toThrow(why)
  })
})

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1.5h', 5_400_000],
  ])('reads %s as %i ms', (text, ms) => {
    expect(parseDuration('--budget', text)).toBe(ms)
  })

  it.each(['', '0s', '30', '5 days', '-1m'])('refuses "%s"', (text) => {
    expect(() => parseDuration('--budget', text)).toThrow('--budget must be a time')
  })
})
