import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, extname, join} from 'node:path'
import type {BenchComparison} from './bench-comparison.ts'
import {BENCH_FORMAT_FILES, formatBench} from './bench-formats.ts'
import {drawFigures, writeFigures} from './draw-figures.ts'
import {FORMATS, type Format} from './formats.ts'
import {FORMAT_BY_ENDING, isFolder} from './write-tables.ts'

/**
 * Writes the measurements to a file, in the format of its ending (`format` for an unknown one), its figures beside it; or to a
 * folder, in all formats. Returns the files.
 */
export async function writeBench(
  out: string,
  comparison: BenchComparison,
  format: Format,
): Promise<string[]> {
  if (await isFolder(out)) return writeBenchFolder(out, comparison)
  return writeTexts(dirname(out), comparison, {[out]: FORMAT_BY_ENDING[extname(out)] ?? format})
}

/** Writes every format and every figure into a folder; bench.html is the page to open. */
export async function writeBenchFolder(folder: string, comparison: BenchComparison): Promise<string[]> {
  const files = FORMATS.map((format): [string, Format] => [join(folder, BENCH_FORMAT_FILES[format]), format])
  return writeTexts(folder, comparison, Object.fromEntries(files))
}

async function writeTexts(
  folder: string,
  comparison: BenchComparison,
  formats: Readonly<Record<string, Format>>,
): Promise<string[]> {
  const drawn = await drawFigures(comparison.figures)
  await mkdir(folder, {recursive: true})
  for (const [file, format] of Object.entries(formats))
    await writeFile(file, formatBench(comparison, format, drawn))
  return [...Object.keys(formats), ...(await writeFigures(folder, drawn))]
}
