/**
 * The real measured process around a model whose delays and allocations are known. Time is a clock that only the model moves,
 * so that what is measured must come back to the last bit; memory is really allocated. The model's name says it all, as JSON.
 */
import {serve} from '../../src/bench/process/serve.ts'
import {factsOf, slmProgram} from '../../src/bench/process/slm-program.ts'
import type {DecoderState, LanguageModel} from '../../src/engine/language-model.ts'

export interface FakeModel {
  readonly architecture?: 'enc-dec' | 'dec-only'
  readonly loadMs?: number
  readonly prefillMs?: number
  readonly stepMs?: number
  readonly loadedBytes?: number
  /** Held while rows are decoded. */
  readonly stateBytes?: number
  /** How opening or a step ends. */
  readonly fails?: 'open' | 'step' | 'killed'
}

let clockMs = 1000
const nowMs = (): number => clockMs
const VOCABULARY = 16

function open(name: string): LanguageModel {
  const fake: FakeModel = JSON.parse(name)
  const {architecture = 'dec-only', loadMs = 0, loadedBytes = 0, fails} = fake
  if (fails === 'open') throw new Error('the file is broken')
  clockMs += loadMs
  const held = Buffer.alloc(loadedBytes, 1)
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
      // As weights are read at every step: systems take pages away that nobody touches.
      held.fill(2)
      return state(prompts.length, fake)
    },
    computeMs: () => clockMs,
    close: async () => undefined,
  }
}

function state(
  firstRows: number,
  {prefillMs = 0, stepMs = 0, stateBytes = 0, fails}: FakeModel,
): DecoderState {
  clockMs += prefillMs
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
    canJoin: () => true,
    join: (other) => {
      rows += other.rows
    },
    close: () => {
      held.pop()
    },
  }
}

const openModel = async ({name}: {readonly name: string}): Promise<LanguageModel> => open(name)

serve({
  ...slmProgram({openModel, nowMs}),
  describe: async ({name}) => ({facts: factsOf(open(name)), parameters: 1000, work: undefined}),
  rates: async () => ({
    bandwidth: {value: 4e9, samples: [4e9], method: 'known'},
    gemm: {value: 8e9, samples: [8e9], method: 'known'},
  }),
})
