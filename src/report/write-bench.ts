import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, extname, join} from 'node:path'
import type {BenchComparison} from './bench-comparison.ts'
import {BENCH_FORMAT_FILES, formatBench} from './bench-formats.ts'
import {type DrawnFigure, figureFile} from './figure.ts'
import {FORMATS, type Format} from './formats.ts'
import {vegaSvg} from './vega-svg.ts'
import {FORMAT_BY_ENDING, isFolder} from './write-tables.ts'

/** Draws every figure of a comparison. */
export async function drawFigures({figures}: BenchComparison): Promise<DrawnFigure[]> {
  const drawn: DrawnFigure[] = []
  for (const figure of figures) drawn.push({...figure, svg: await vegaSvg(figure.spec)})
  return drawn
}

/**
 * Writes the measurements to a file, in the format of its ending (`format` for an unknown one), its figures beside it; or to a
 * folder, in all formats. Returns the files.
 */
export async function writeBench(
  out: string,
  comparison: BenchComparison,
  format: Format,
): Promise<string[]> {
  const drawn = await drawFigures(comparison)
  const isAll = await isFolder(out)
  const folder = isAll ? out : dirname(out)
  await mkdir(folder, {recursive: true})
  const texts = isAll
    ? FORMATS.map((one) => ({file: join(out, BENCH_FORMAT_FILES[one]), format: one}))
    : [{file: out, format: FORMAT_BY_ENDING[extname(out)] ?? format}]
  const files: string[] = []
  for (const text of texts) {
    await writeFile(text.file, formatBench(comparison, text.format, drawn))
    files.push(text.file)
  }
  for (const figure of drawn) {
    const file = join(folder, figureFile(figure))
    await writeFile(file, `${figure.svg}\n`)
    files.push(file)
  }
  return files
}
