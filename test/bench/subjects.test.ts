import {describe, expect, it, vi} from 'vitest'
import {openSubjects, type SubjectOptions} from '../../src/bench/subjects.ts'
import {benchConfigSchema} from '../../src/config/bench-config.ts'
import {FAKE_PROCESS} from './fake-subject.ts'

// Starts processes, which takes long where others use the machine.
vi.setConfig({testTimeout: 300_000})

const PEER = new URL('./fake-peer.ts', import.meta.url)
const OPTIONS: SubjectOptions = {
  resolve: async (name) => ({name, folder: '/nowhere'}),
  scripts: {slm: FAKE_PROCESS, 'transformers.js': PEER, 'node-llama-cpp': PEER},
  onNote: () => undefined,
}

const open = (settings: object) =>
  openSubjects(benchConfigSchema.parse({model: ['{}'], ...settings}), OPTIONS)

describe('a peer', () => {
  it('with a file of its own has its own digest and dtype, and no cost from our graphs', async () => {
    const [own, peer] = await open({against: 'node-llama-cpp', gguf: '/models/a.gguf'})
    expect(own?.description.facts).toMatchObject({dtype: 'fp32', digest: 'd'.repeat(64)})
    expect(peer).toMatchObject({
      label: '{} (node-llama-cpp)',
      request: {peerFile: '/models/a.gguf', digest: 'digest of /models/a.gguf'},
      description: {
        facts: {dtype: 'gguf', digest: 'digest of /models/a.gguf', contextLength: 1000, vocabulary: 16},
        parameters: 1000,
        work: undefined,
      },
    })
  })

  it('of our own files has their digest', async () => {
    const [own, peer] = await open({against: 'transformers.js'})
    expect(peer?.request).toEqual(own?.request)
    expect(peer?.description.facts.digest).toBe('d'.repeat(64))
  })

  it('that cannot open the model says which file, and why', async () => {
    await expect(open({against: 'node-llama-cpp', gguf: '/models/broken.gguf'})).rejects.toMatchObject({
      code: 'peer-failed',
      message: 'node-llama-cpp cannot open the model: no magic in the file',
      hint: 'Check /models/broken.gguf, or leave --against out.',
    })
  })

  it.each([
    [{against: 'node-llama-cpp'}, 'needs the model as a GGUF file'],
    [{gguf: 'a.gguf'}, '--gguf is read by one peer only'],
    [{against: 'transformers.js', gguf: 'a.gguf'}, '--gguf is read by one peer only'],
    [{against: 'node-llama-cpp', gguf: 'a.gguf', model: ['a', 'b']}, 'cannot stand for several'],
    [{against: 'node-llama-cpp', gguf: 'a.gguf', dtype: 'fp32,q4'}, 'cannot stand for several'],
    [
      {against: 'node-llama-cpp', gguf: 'a.gguf', model: ['{"architecture":"enc-dec"}']},
      'runs no encoder-decoder models',
    ],
  ])('is refused where it does not fit: %j', async (settings, message) => {
    await expect(open(settings)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message),
    })
  })
})

it('tells two models of one name apart by their place', async () => {
  const subjects = await openSubjects(benchConfigSchema.parse({model: ['/a/{}', '/b/{}']}), {
    ...OPTIONS,
    resolve: async () => ({name: '{}', folder: '/nowhere'}),
  })
  expect(subjects.map(({label}) => label)).toEqual(['{}', '{} #2'])
})
