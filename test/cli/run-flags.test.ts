import {expect, it} from 'vitest'
import {settingsOfFlags} from '../../src/cli/run-flags.ts'

const settings = (flags: Record<string, unknown>) => settingsOfFlags(flags, Object.keys(flags))

it('names flags as the configuration does, and leaves out what was not given', () => {
  expect(settings({'max-new-tokens': '64', task: 'squad,xsum', limit: undefined})).toEqual({
    maxNewTokens: 64,
    tasks: 'squad,xsum',
  })
})

it('leaves what is no number as it is, so that the complaint can quote it', () => {
  expect(
    settings({limit: 'ten', 'top-p': '0.9', temperature: '1e-1', 'batch-size': 'auto', seed: ''}),
  ).toEqual({
    limit: 'ten',
    topP: 0.9,
    temperature: 0.1,
    batchSize: 'auto',
    seed: '',
  })
})

it('keeps a folder that is called like a number a text', () => {
  expect(settings({out: '12', model: '7'})).toEqual({out: '12', model: '7'})
})

it('reads one data file, or one for each task', () => {
  expect(settings({data: ['dev.json']})).toEqual({data: 'dev.json'})
  expect(settings({data: ['squad=dev.json', 'xsum=x.jsonl']})).toEqual({
    data: {squad: 'dev.json', xsum: 'x.jsonl'},
  })
})
