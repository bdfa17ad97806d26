import {benchRun} from './bench-cells.ts'
import {readPublishedEfficiency} from './bench-claims.ts'
import type {BenchComparison} from './bench-comparison.ts'
import {benchNotes} from './bench-notes.ts'
import {ratioTables} from './bench-ratios.ts'
import type {BenchReading} from './bench-reading.ts'
import type {Figure} from './figure.ts'
import {secondsFigure} from './figure-seconds.ts'
import {type QualityFigures, qualityFigures} from './quality-figures.ts'
import type {Reading} from './reading.ts'

/**
 * The whole comparison from the records of benchmarks, and of evaluations where quality is to stand beside speed. Equal
 * records give an equal value, whatever the order of the folders.
 */
export function compareBenches(
  readings: readonly BenchReading[],
  quality: readonly Reading[] = [],
): BenchComparison {
  const published = readPublishedEfficiency()
  const runs = readings.map(benchRun)
  const ratios = readings.flatMap(ratioTables)
  const joined: QualityFigures = qualityFigures(runs, quality)
  const figures: Figure[] = [
    ...runs.flatMap(
      (run, index) =>
        secondsFigure(run, published, runs.length === 1 ? 'figure-1' : `figure-1-${index + 1}`) ?? [],
    ),
    ...joined.figures,
  ]
  return {
    runs,
    ratios,
    published,
    figures,
    notes: [...benchNotes({runs, ratios, published}), ...joined.notes],
  }
}
