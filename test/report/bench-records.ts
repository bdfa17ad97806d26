import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {
  type BenchModelRecord,
  type BenchRecord,
  type BenchSetting,
  benchRecordSchema,
  type MachineRecord,
  type MeasuredSample,
} from '../../src/store/bench-record.ts'

/** All numbers here are made up: they are no measurement of anything. */
export const MACHINE: MachineRecord = {
  kind: 'machine',
  start: 1,
  at: '2026-01-01T00:00:00.000Z',
  platform: 'linux',
  arch: 'x64',
  cpu: 'made-up processor',
  processors: 2,
  extensions: ['avx2'],
  memoryBytes: 8e9,
  threads: 2,
  versions: {slm: '0.0.0', onnxruntime: '0.0.0'},
  bandwidth: {value: 40e9, samples: [39e9, 40e9], method: 'made up'},
  gemm: {value: 100e9, samples: [100e9], method: 'made up'},
  energy: {missing: 'made up: nothing is read'},
  otherLoad: 0.01,
}

export function modelRecord(model: string, draft: Partial<BenchModelRecord> = {}): BenchModelRecord {
  return {
    kind: 'model',
    model,
    name: model,
    program: 'slm',
    architecture: model.includes('enc-dec') ? 'enc-dec' : 'dec-only',
    dtype: 'fp32',
    parameters: 330_000_000,
    digest: {missing: 'made up'},
    contextLength: 8192,
    threads: 2,
    notes: [],
    ...draft,
  }
}

export interface SampleDraft {
  readonly setting?: BenchSetting
  readonly batch?: number
  readonly inputTokens?: number
  readonly repeat?: number
  readonly firstTokenMs?: number
  /** Of every token after the first. */
  readonly tokenMs?: number
  readonly peakBytes?: number
  readonly isBusy?: boolean
  readonly isWarmUp?: boolean
  readonly start?: number
}

const OUTPUT_TOKENS = 5

export function sampleRecord(model: BenchModelRecord, draft: SampleDraft = {}): MeasuredSample {
  const {setting = 'cached', batch = 1, inputTokens = 512, repeat = 0, start = 1} = draft
  const {firstTokenMs = 100, tokenMs = 10, peakBytes = 1e9, isBusy = false, isWarmUp = false} = draft
  const steps = OUTPUT_TOKENS - 1
  const endToEndMs = firstTokenMs + steps * tokenMs
  return {
    kind: 'sample',
    status: 'measured',
    model: model.model,
    setting,
    batch,
    inputTokens,
    outputTokens: OUTPUT_TOKENS,
    start,
    program: model.program,
    architecture: model.architecture,
    dtype: model.dtype,
    parameters: model.parameters,
    threads: model.threads,
    prefixTokens: setting === 'prefix-cache' ? inputTokens - 32 : 0,
    repeat,
    isWarmUp,
    indexInProcess: isWarmUp ? 0 : 1,
    loadMs: 500,
    firstTokenMs,
    tokenMs: Array.from({length: steps}, () => tokenMs),
    endToEndMs,
    timePerOutputTokenMs: tokenMs,
    tokensPerSecond: (1000 * batch * OUTPUT_TOKENS) / endToEndMs,
    decodeTokensPerSecond: (1000 * batch) / tokenMs,
    computeMs: endToEndMs,
    memory: {
      baselineBytes: 5e7,
      loadedBytes: Math.round(0.9 * peakBytes),
      loadPeakBytes: Math.round(0.95 * peakBytes),
      peakBytes: Math.round(peakBytes),
      method: 'made up',
    },
    energy: {missing: 'made up: nothing is read'},
    otherLoad: {before: 0, during: 0},
    isBusy,
  }
}

/** A run of two models of one size: the encoder-decoder one is made up to be the faster at everything but short inputs. */
export function madeUpRun(): BenchRecord[] {
  const encDec = modelRecord('made-up-enc-dec')
  const decOnly = modelRecord('made-up-dec-only')
  const records: BenchRecord[] = [MACHINE, encDec, decOnly]
  for (const setting of ['cached', 'no-cache'] as const)
    for (const batch of [1, 8])
      for (const inputTokens of [128, 512, 1024, 2048]) {
        records.push(
          costOf(encDec, setting, batch, inputTokens),
          costOf(decOnly, setting, batch, inputTokens),
        )
        for (let repeat = 0; repeat < 6; repeat++) {
          const drift = 1 + 0.02 * repeat
          const noise = 1 + 0.01 * ((repeat * 7) % 3)
          const again = setting === 'no-cache' ? inputTokens / 8 : 0
          const common = {setting, batch, inputTokens, repeat}
          records.push(
            sampleRecord(encDec, {
              ...common,
              firstTokenMs: drift * (60 + inputTokens) * noise,
              tokenMs: drift * (20 + again * 0.5),
              peakBytes: 1.3e9 + batch * inputTokens * 1e4,
            }),
            sampleRecord(decOnly, {
              ...common,
              firstTokenMs: drift * 1.5 * (1 + inputTokens),
              tokenMs: drift * (44 + again) * noise,
              peakBytes: 1.5e9 + batch * inputTokens * 2e4,
            }),
          )
        }
      }
  return records
}

function costOf(
  {model, architecture}: BenchModelRecord,
  setting: BenchSetting,
  batch: number,
  inputTokens: number,
): BenchRecord {
  const share = architecture === 'enc-dec' ? 0.66 : 1
  return {
    kind: 'cost',
    model,
    setting,
    batch,
    inputTokens,
    outputTokens: OUTPUT_TOKENS,
    how: 'made up',
    hasAttention: true,
    firstTokenFlops: share * 0.6e9 * batch * inputTokens,
    flopsPerStep: share * 0.6e9 * batch,
    weightBytesPerStep: share * 1.3e9,
    cacheBytesPerStep: batch * inputTokens * 1000,
  }
}

/** Writes `folder/bench.jsonl`; every record is checked against the schema on the way. Returns the folder. */
export function writeBenchFolder(folder: string, records: readonly BenchRecord[]): string {
  mkdirSync(folder, {recursive: true})
  const lines = records.map((record) => `${JSON.stringify(benchRecordSchema.parse(record))}\n`)
  writeFileSync(join(folder, 'bench.jsonl'), lines.join(''))
  return folder
}
