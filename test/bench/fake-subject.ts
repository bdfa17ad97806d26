import type {BenchCell} from '../../src/bench/cells.ts'
import type {SampleJob, SampleTools} from '../../src/bench/measure-sample.ts'
import type {Subject} from '../../src/bench/subjects.ts'
import type {FakeModel} from './fake-process.ts'

export const FAKE_PROCESS = new URL('./fake-process.ts', import.meta.url)

export function fakeSubject(label: string, model: FakeModel = {}, parameters = 1000): Subject {
  return {
    label,
    program: 'slm',
    script: FAKE_PROCESS,
    request: {
      folder: '/nowhere',
      name: JSON.stringify(model),
      dtype: undefined,
      threads: 2,
      digest: undefined,
      prefixCache: false,
      peerFile: undefined,
    },
    description: {
      facts: {
        architecture: model.architecture ?? 'dec-only',
        dtype: 'fp32',
        vocabulary: 16,
        contextLength: 1000,
        digest: 'd'.repeat(64),
        threads: 2,
        notes: [],
        cannot: {},
      },
      parameters,
      work: undefined,
    },
  }
}

export const CELL: BenchCell = {
  setting: 'cached',
  batch: 1,
  inputTokens: 40,
  outputTokens: 5,
  prefixTokens: 0,
}

export function job(model: FakeModel, cell: Partial<BenchCell> = {}, warmUp = 1): SampleJob {
  return {
    subject: fakeSubject('fake', model),
    cell: {...CELL, ...cell},
    repeat: 0,
    warmUp,
    seed: 0,
    start: 1,
  }
}

export const TOOLS: SampleTools = {energy: {missing: 'a test reads none'}, sleep: async () => undefined}
