import type {DecodedRow, DecodeEvent, DecodeOptions, DecodeRequest} from '../inference/protocol.ts'
import type {FailedRecord, SampleRecord} from '../store/record.ts'
import type {TaskRow} from '../tasks/task.ts'
import type {OnEvent} from './events.ts'
import type {PlannedSample, PromptedSample} from './plan-pool.ts'
import {sampleSeed} from './sample-seed.ts'
import type {TextScore} from './score-text.ts'

/** The part of an opened checkpoint that a group needs. */
export interface Decoder {
  decode(
    requests: readonly DecodeRequest[],
    options: DecodeOptions,
    signal?: AbortSignal,
  ): AsyncIterable<DecodeEvent>
}

/** How samples of one task become records. */
export interface GroupSettings {
  readonly task: string
  readonly seed: number
  readonly decode: DecodeOptions
  readonly textOf: (newIds: readonly number[]) => string
  readonly scoreOf: (text: string, row: Pick<TaskRow, 'references' | 'kind'>) => TextScore
  readonly onEvent: OnEvent
  /** Gives up the group. */
  readonly stopNow: AbortSignal | undefined
}

/**
 * Decodes one group and returns its records in plan order. A sample that fails, for whatever reason, becomes a `failed`
 * record with its stage; the group goes on. Undefined when it was given up.
 */
export async function runGroup(
  decoder: Decoder,
  group: readonly PlannedSample[],
  settings: GroupSettings,
): Promise<SampleRecord[] | undefined> {
  const {task, seed, onEvent, stopNow} = settings
  const requests = group.flatMap((sample, key): DecodeRequest[] =>
    sample.kind === 'prompted'
      ? [{key, promptIds: sample.prompt.ids, seed: sampleSeed(seed, task, sample.row.id)}]
      : [],
  )
  const records = new Map<number, SampleRecord>()
  const keep = (key: number, record: SampleRecord): void => {
    records.set(key, record)
    onEvent({kind: 'sample', task, isFailed: record.status === 'failed'})
  }
  for (const [key, sample] of group.entries()) if (sample.kind === 'failed') keep(key, sample.record)
  let reported = 0
  try {
    if (requests.length > 0)
      for await (const event of decoder.decode(requests, settings.decode, stopNow)) {
        if (event.kind === 'batch-size') onEvent(event)
        else if (event.kind === 'progress') {
          onEvent({kind: 'tokens', newTokens: event.newTokens - reported})
          reported = event.newTokens
        } else {
          const sample = group[event.row.key]
          if (sample?.kind === 'prompted') keep(event.row.key, recordOf(sample, event.row, settings))
        }
      }
  } catch (error) {
    if (stopNow?.aborted === true) return undefined
    throw error
  }
  const chosen = [...records.values()].reduce((sum, record) => sum + newTokens(record), 0)
  if (chosen > reported) onEvent({kind: 'tokens', newTokens: chosen - reported})
  return group.map((sample, key) => {
    const record = records.get(key)
    if (record !== undefined) return record
    if (sample.kind === 'failed') return sample.record
    return failure(sample, task, 'decode', 'the model gave no answer for this row')
  })
}

function newTokens(record: SampleRecord): number {
  return record.status === 'scored' ? record.newIds.length : 0
}

function recordOf(sample: PromptedSample, row: DecodedRow, settings: GroupSettings): SampleRecord {
  const {task} = settings
  if (row.kind === 'failed') return failure(sample, task, 'decode', row.error)
  const {index, prompt} = sample
  const {id, references, kind} = sample.row
  try {
    const text = settings.textOf(row.newIds)
    const {answer, scores} = settings.scoreOf(text, sample.row)
    return {
      status: 'scored',
      task,
      id,
      index,
      prompt: prompt.text,
      promptIds: prompt.ids,
      newIds: row.newIds,
      text,
      answer,
      references,
      ...(kind === undefined ? {} : {kind}),
      scores,
      finish: row.finish,
      truncatedTokens: prompt.truncatedTokens,
      timing: row.timing,
    }
  } catch (error) {
    return failure(sample, task, 'score', error instanceof Error ? error.message : String(error))
  }
}

function failure(
  {index, row, prompt}: PromptedSample,
  task: string,
  stage: FailedRecord['stage'],
  error: string,
): FailedRecord {
  return {status: 'failed', task, id: row.id, index, promptTokens: prompt.ids.length, stage, error}
}
