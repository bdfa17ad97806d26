/**
 * The real measured process around a model whose delays and allocations are known. Time is a clock that only the model moves,
 * so that what is measured must come back to the last bit; memory is really allocated. The model's name says it all, as JSON.
 */
import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {serve} from '../../src/bench/process/serve.ts'
import {factsOf, slmProgram} from '../../src/bench/process/slm-program.ts'
import type {DecoderState, LanguageModel} from '../../src/engine/language-model.ts'
import type {OpenModelOptions} from '../../src/engine/open-options.ts'

export interface FakeModel {
  readonly architecture?: 'enc-dec' | 'dec-only'
  readonly loadMs?: number
  readonly prefillMs?: number
  readonly stepMs?: number
  readonly loadedBytes?: number
  /** Held while it is opened, and given back. */
  readonly loadingBytes?: number
  /** Held while rows are decoded. */
  readonly stateBytes?: number
  /** How opening, a prompt or a step ends. */
  readonly fails?: 'open' | 'rows' | 'step' | 'killed'
  /** Whether rows that were prefilled apart can go on together. */
  readonly joins?: boolean
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

let clockMs = 1000
const nowMs = (): number => clockMs
const VOCABULARY = 16

function open(name: string, prefixCache = false): LanguageModel {
  const fake: FakeModel = JSON.parse(name)
  const {architecture = 'dec-only', loadMs = 0, loadedBytes = 0, loadingBytes = 0, fails} = fake
  if (fails === 'open') throw new Error('the file is broken')
  clockMs += loadMs
  Buffer.alloc(loadingBytes, 1)
  // What the first collection finds is given back at the latest by the second.
  collect()
  collect()
  const held = Buffer.alloc(loadedBytes, 1)
  let earlier: readonly number[] = []
  return {
    facts: {
      name,
      architecture,
      dtype: 'fp32',
      vocabulary: VOCABULARY,
      tokens: {decoderStart: 1, begin: 1, end: [2], pad: 0},
      contextLength: 1000,
      digest: 'd'.repeat(64),
      batching: {kind: 'exact'},
      device: 'cpu',
      threads: 2,
      notes: [`holds ${held.length} bytes`],
      maxRows: undefined,
      cacheBytesPerToken: 8,
    },
    prefill: async (prompts) => {
      if (fails === 'rows' && prompts.length > 2) throw new Error('Failed to allocate memory')
      // As weights are read at every step: systems take pages away that nobody touches.
      held.fill(2)
      const [prompt = []] = prompts
      const shared = prefixCache ? sharedLength(earlier, prompt) : 0
      earlier = prompt
      return state(prompts.length, fake, 1 - shared / prompt.length)
    },
    computeMs: () => clockMs,
    close: async () => undefined,
  }
}

/** How many ids two prompts begin with in common. */
function sharedLength(first: readonly number[], second: readonly number[]): number {
  const length = first.findIndex((id, index) => id !== second[index])
  return length === -1 ? first.length : length
}

/** `share` of the prompt is computed, the rest was there. */
function state(
  firstRows: number,
  {prefillMs = 0, stepMs = 0, stateBytes = 0, fails, joins = true}: FakeModel,
  share: number,
): DecoderState {
  clockMs += prefillMs * share
  const held = [Buffer.alloc(stateBytes, 1)]
  let rows = firstRows
  return {
    get rows() {
      return rows
    },
    get logits() {
      // The end token is the best of all: rows must go on behind it.
      return new Float32Array(rows * VOCABULARY).map((_, index) => (index % VOCABULARY === 2 ? 1 : 0))
    },
    step: async () => {
      if (fails === 'step') throw new Error('no memory for the step')
      if (fails === 'killed') process.kill(process.pid, 'SIGKILL')
      clockMs += stepMs
    },
    select: (chosen) => {
      rows = chosen.length
    },
    canJoin: () => joins,
    join: (other) => {
      rows += other.rows
    },
    close: () => {
      held.pop()
    },
  }
}

const openModel = async ({name, prefixCache}: OpenModelOptions): Promise<LanguageModel> =>
  open(name, prefixCache)

serve({
  ...slmProgram({openModel, nowMs}),
  describe: async ({name}) => ({facts: factsOf(open(name)), parameters: 1000, work: undefined}),
  rates: async () => ({
    bandwidth: {value: 4e9, samples: [4e9], method: 'known'},
    gemm: {value: 8e9, samples: [8e9], method: 'known'},
  }),
})
