import type {DecoderState, LanguageModel} from '../../src/engine/language-model.ts'
import {hashedLogits} from './hashed-logits.ts'

export interface Script {
  readonly vocabulary?: number
  readonly end?: readonly number[]
  readonly contextLength?: number
  /** An encoder-decoder starts its decoder with this token; a decoder-only model has none. */
  readonly decoderStart?: number
  /** Logits of a row: (vocabulary). By default a hash of the prompt and of every id so far. */
  readonly logits?: (promptIds: readonly number[], newIds: readonly number[]) => readonly number[]
  /** `any`: rows of any lengths join. `same-step`: as exported graphs without a decoder mask. `never`. */
  readonly joins?: 'any' | 'same-step' | 'never'
  /** Called before each computation; may throw as a model does. */
  readonly onCompute?: (kind: 'prefill' | 'step', prompts: readonly (readonly number[])[]) => void
}

export interface ModelLog {
  prefills: number
  steps: number
  rowSteps: number
  mostRows: number
  open: number
}

interface Row {
  readonly promptIds: readonly number[]
  readonly newIds: readonly number[]
}

/**
 * A small real model: each row's logits are a fixed function of that row's ids alone, so that a row that is dropped,
 * swapped or joined wrongly writes other tokens.
 */
export function scriptedModel(script: Script = {}): LanguageModel & {readonly log: ModelLog} {
  const vocabulary = script.vocabulary ?? 17
  const log: ModelLog = {prefills: 0, steps: 0, rowSteps: 0, mostRows: 0, open: 0}
  const logitsOf = script.logits ?? coarseLogits(vocabulary)

  return {
    log,
    facts: {
      name: 'scripted',
      architecture: script.decoderStart === undefined ? 'dec-only' : 'enc-dec',
      dtype: 'fp32',
      vocabulary,
      tokens: {decoderStart: script.decoderStart, begin: undefined, end: script.end ?? [0], pad: undefined},
      contextLength: script.contextLength,
      digest: '',
      batching: {kind: 'exact'},
      cacheBytesPerToken: 100,
    } as LanguageModel['facts'],
    prefill: async (prompts) => {
      script.onCompute?.('prefill', prompts)
      log.prefills += 1
      return scriptedState(prompts.map((promptIds) => ({promptIds, newIds: []})))
    },
    close: async () => {},
  } as LanguageModel & {readonly log: ModelLog} // facts of other parts may grow; these are what decoding reads

  function scriptedState(first: readonly Row[]): DecoderState {
    let rows = [...first]
    let steps = 0
    let isOpen = true
    let logits = new Float32Array(0)
    const compute = (): void => {
      logits = new Float32Array(rows.length * vocabulary)
      for (const [index, row] of rows.entries())
        logits.set(logitsOf(row.promptIds, row.newIds), index * vocabulary)
      log.mostRows = Math.max(log.mostRows, rows.length)
    }
    const close = (): void => {
      if (isOpen) log.open -= 1
      isOpen = false
    }
    const inner = {rows: () => rows, steps: () => steps}
    const state: DecoderState & {readonly inner: typeof inner} = {
      inner,
      get rows() {
        return rows.length
      },
      get logits() {
        return logits
      },
      step: async (next) => {
        if (!isOpen) throw new Error('the state is closed')
        if (next.length !== rows.length) throw new Error(`${next.length} tokens for ${rows.length} rows`)
        script.onCompute?.(
          'step',
          rows.map((row) => row.promptIds),
        )
        rows = rows.map((row, index) => ({...row, newIds: [...row.newIds, next[index]!]}))
        steps += 1
        log.steps += 1
        log.rowSteps += rows.length
        compute()
      },
      select: (chosen) => {
        rows = Array.from(chosen, (index) => rows[index] ?? fail(`no row ${index}`))
        compute()
      },
      canJoin: (other) => {
        if (script.joins === 'never') return false
        return script.joins !== 'same-step' || innerOf(other).steps() === steps
      },
      join: (other) => {
        if (!state.canJoin(other)) throw new Error('these states cannot be joined')
        rows = [...rows, ...innerOf(other).rows()]
        other.close()
        compute()
      },
      close,
    }
    log.open += 1
    compute()
    return state

    function innerOf(other: DecoderState): typeof inner {
      return (other as typeof state).inner // only scripted states meet here
    }
  }
}

function fail(message: string): never {
  throw new Error(message)
}

/** Logits that are a hash of the prompt and of every id so far, rounded so that some are equal. */
export function coarseLogits(vocabulary: number): NonNullable<Script['logits']> {
  return (promptIds, newIds) =>
    hashedLogits([...promptIds, -1, ...newIds], {vocabulary, seed: 1, end: [], boost: 0}).map(
      (logit) => Math.round(logit * 16) / 16,
    )
}
