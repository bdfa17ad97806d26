import type {BenchModelRecord, BenchSetting} from '../store/bench-record.ts'
import type {RatioTable} from './bench-comparison.ts'
import type {BenchCondition, BenchReading} from './bench-reading.ts'
import {compareConditions} from './bench-reading.ts'
import {shortName} from './reading.ts'

/** The paper's question is asked at equal parameters; this is what counts as equal. */
const PARAMETER_TOLERANCE = 0.01

/** Two models of one run, first over second. */
export interface BenchPair {
  readonly kind: RatioTable['kind']
  readonly first: BenchModelRecord
  readonly second: BenchModelRecord
  readonly warnings: readonly string[]
}

/**
 * Which models of a run belong beside each other: each encoder-decoder model over the decoder-only models of its program and
 * dtype with as many parameters (over the nearest, with a warning, where none has); and each model over itself in another
 * program.
 */
export function benchPairs({models}: Pick<BenchReading, 'models'>): BenchPair[] {
  const architectures = models
    .filter(({architecture}) => architecture === 'enc-dec')
    .flatMap((first) =>
      matched(
        first,
        models.filter(
          ({architecture, dtype, program}) =>
            architecture === 'dec-only' && dtype === first.dtype && program === first.program,
        ),
      ).map((second) => pairOf('architectures', first, second)),
    )
  const programs = models
    .filter(({program}) => program === 'slm')
    .flatMap((first) =>
      models
        .filter(
          ({program, dtype, name}) =>
            program !== 'slm' && dtype === first.dtype && shortName(name) === shortName(first.name),
        )
        .map((second) => pairOf('programs', first, second)),
    )
  return [...architectures, ...programs]
}

function matched(first: BenchModelRecord, others: readonly BenchModelRecord[]): readonly BenchModelRecord[] {
  const apart = (other: BenchModelRecord): number | undefined => sizesApart(first, other)
  const equal = others.filter((other) => (apart(other) ?? 1) <= PARAMETER_TOLERANCE)
  if (equal.length > 0) return equal
  const known = others.filter((other) => apart(other) !== undefined)
  const unknown = others.filter((other) => apart(other) === undefined)
  return [...known.sort((a, b) => apart(a)! - apart(b)!).slice(0, 1), ...unknown]
}

/** By what share of the larger one the parameters differ; undefined where a count is not known. */
function sizesApart(a: BenchModelRecord, b: BenchModelRecord): number | undefined {
  if (typeof a.parameters !== 'number' || typeof b.parameters !== 'number') return undefined
  return Math.abs(a.parameters - b.parameters) / Math.max(a.parameters, b.parameters)
}

function pairOf(kind: BenchPair['kind'], first: BenchModelRecord, second: BenchModelRecord): BenchPair {
  const warnings: string[] = []
  const apart = sizesApart(first, second)
  if (kind === 'architectures' && apart === undefined)
    warnings.push('Warning: parameter counts are not known, so it is not known whether the sizes match')
  if (kind === 'architectures' && apart !== undefined && apart > PARAMETER_TOLERANCE)
    warnings.push(
      `Warning: sizes are not matched within 1%: ${String(first.parameters)} against ${String(second.parameters)} parameters`,
    )
  if (first.threads !== second.threads)
    warnings.push(`Warning: threads differ: ${first.threads} against ${second.threads}`)
  if (kind === 'programs' && isOtherFiles(first, second))
    warnings.push('Warning: the two programs did not read the same files')
  return {kind, first, second, warnings}
}

function isOtherFiles(a: BenchModelRecord, b: BenchModelRecord): boolean {
  return typeof a.digest === 'string' && typeof b.digest === 'string' && a.digest !== b.digest
}

/** A row of a pair: the condition on both sides. */
export interface PairedCondition {
  readonly first: BenchCondition
  readonly second: BenchCondition
}

/**
 * The conditions that both sides are compared under. A shared prefix helps a decoder-only model alone, because an encoder reads
 * its whole input in one piece: there the encoder-decoder model stands as it is, with its cache.
 */
export function pairedConditions(reading: BenchReading, {kind, first, second}: BenchPair): PairedCondition[] {
  const mine = reading.cells.filter(({model}) => model === first.model)
  const theirs = reading.cells.filter(({model}) => model === second.model)
  const rows: PairedCondition[] = []
  for (const cell of [...mine, ...theirs].sort(compareConditions)) {
    const condition = withSetting(cell, cell.setting)
    if (kind === 'architectures' && cell.setting === 'prefix-cache') {
      if (cell.model === first.model) continue
      rows.push({first: withSetting(cell, 'cached'), second: condition})
    } else if (!rows.some((row) => compareConditions(row.second, condition) === 0))
      rows.push({first: condition, second: condition})
  }
  return rows
}

function withSetting(
  {batch, inputTokens, outputTokens}: BenchCondition,
  setting: BenchSetting,
): BenchCondition {
  return {setting, batch, inputTokens, outputTokens}
}
