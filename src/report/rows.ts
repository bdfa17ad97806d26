import {SlmError} from '../errors.ts'
import {type PlaceId, placeOf, rowName, splitOf, type Training} from './place.ts'
import {type Reading, type ReadModel, shortName} from './reading.ts'
import {termDifferences} from './terms.ts'

/** A row of measured scores before its numbers are computed: one model under one set of conditions. */
export interface MeasuredRow {
  /** As printed; no two rows share it. */
  readonly name: string
  readonly model: ReadModel
  readonly place: PlaceId
  readonly training: Training
  readonly split: string
  /** By task; a model that did not run has none. */
  readonly readings: ReadonlyMap<string, Reading>
  /** Why a task has no reading, where more is known than that it was not run. */
  readonly whyMissing: ReadonlyMap<string, string>
}

/** A model that was to run and could not: its row says why. */
export interface FailedModel {
  readonly name: string
  readonly architecture: ReadModel['architecture']
  readonly tasks: readonly string[]
  readonly why: string
}

/** Groups readings into rows; their order does not depend on the order of the run folders. */
export function measuredRows(
  readings: readonly Reading[],
  failed: readonly FailedModel[] = [],
): MeasuredRow[] {
  const ordered = [...readings].sort((a, b) => compareText(sortKey(a), sortKey(b)))
  const drafts: {model: ReadModel; readings: Map<string, Reading>}[] = []
  for (const reading of ordered) {
    const sameModel = drafts.filter(({model}) => modelKey(model) === modelKey(reading.model))
    for (const draft of sameModel) refuseTwice(draft.readings.get(reading.task), reading)
    const open = sameModel.filter((draft) => !draft.readings.has(reading.task))
    const isSameRun = (other: Reading): boolean => other.planDigest === reading.planDigest
    const free = open.find((draft) => [...draft.readings.values()].some(isSameRun)) ?? open[0]
    if (free !== undefined) free.readings.set(reading.task, reading)
    else drafts.push({model: reading.model, readings: new Map([[reading.task, reading]])})
  }
  const rows = drafts.map(({model, readings: byTask}) => rowOf(model, byTask, new Map()))
  const failures = failed.map((failure) =>
    rowOf(unreadModel(failure), new Map(), new Map(failure.tasks.map((task) => [task, failure.why]))),
  )
  return withDistinctNames([...rows, ...failures].sort(compareRows))
}

/** All that is known of a model that did not load. */
function unreadModel({name, architecture}: FailedModel): ReadModel {
  return {
    name: shortName(name),
    architecture,
    dtype: 'not stated',
    variant: '',
    digest: '',
    parameters: undefined,
    encoderLayers: undefined,
    decoderLayers: undefined,
    training: undefined,
    batching: undefined,
  }
}

function rowOf(
  model: ReadModel,
  readings: ReadonlyMap<string, Reading>,
  whyMissing: ReadonlyMap<string, string>,
): MeasuredRow {
  const training = trainingOf(model)
  const place = placeOf(model.architecture, training)
  const split =
    model.architecture === 'enc-dec' && model.encoderLayers !== undefined && model.decoderLayers !== undefined
      ? splitOf(model.encoderLayers, model.decoderLayers)
      : ''
  const name = rowName(
    model.variant === '' ? model.name : `${model.name} ${model.variant}`,
    place,
    training,
    split,
  )
  return {name, model, place, training, split, readings, whyMissing}
}

function trainingOf({training}: ReadModel): Training {
  switch (training) {
    case 'teacher':
    case 'seq2seq':
    case 'kd':
    case 'untrained':
      return training
    default:
      return 'not stated'
  }
}

function refuseTwice(first: Reading | undefined, second: Reading): void {
  if (first === undefined || termDifferences(first.terms, second.terms).length > 0) return
  throw new SlmError(
    'run-twice',
    `${first.run} and ${second.run} both hold ${first.task} of ${first.model.name} under the same conditions`,
    {hint: 'Name one of them: a table does not choose between two runs, nor average them.'},
  )
}

/** Rows that would print alike are told apart by what differs: the model's files, then the run. */
function withDistinctNames(rows: readonly MeasuredRow[]): MeasuredRow[] {
  const count = (name: string): number => rows.filter((row) => row.name === name).length
  const models = (name: string): Set<string> =>
    new Set(rows.filter((row) => row.name === name).map(({model}) => model.digest))
  return rows.map((row) => {
    if (count(row.name) === 1) return row
    const byModel = models(row.name).size === count(row.name)
    const runs = [...new Set([...row.readings.values()].map(({run}) => run))].join(', ')
    return {...row, name: `${row.name} (${byModel ? `files ${row.model.digest.slice(0, 8)}` : runs})`}
  })
}

const TRAINING_ORDER: readonly Training[] = ['teacher', 'seq2seq', 'kd', 'not stated', 'untrained']

/** The paper's order inside a group: by encoder share, then by training, then by name. */
export function compareRows(
  a: {readonly split: string; readonly training: Training; readonly name: string},
  b: {readonly split: string; readonly training: Training; readonly name: string},
): number {
  return (
    shareOf(a.split) - shareOf(b.split) ||
    TRAINING_ORDER.indexOf(a.training) - TRAINING_ORDER.indexOf(b.training) ||
    compareText(a.name, b.name)
  )
}

/** Encoder share of the layers; what has none stands last. */
function shareOf(split: string): number {
  const [, part, whole] = /^(\d+)\/(\d+)-/.exec(split) ?? []
  return part === undefined ? 2 : Number(part) / Number(whole)
}

function modelKey({name, digest, variant}: ReadModel): string {
  return JSON.stringify([name, digest, variant])
}

/** Everything that can tell two readings apart, so that the order of the folders never matters. */
function sortKey({model, task, terms, planDigest, run}: Reading): string {
  return JSON.stringify([model.name, model.digest, model.variant, task, terms, planDigest, run])
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
