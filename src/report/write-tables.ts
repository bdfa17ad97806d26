import {mkdir, stat, writeFile} from 'node:fs/promises'
import {dirname, extname, join} from 'node:path'
import type {Comparison} from './comparison.ts'
import {FORMAT_FILES, FORMATS, type Format, formatComparison} from './formats.ts'

export const FORMAT_BY_ENDING: Readonly<Record<string, Format>> = {
  '.txt': 'terminal',
  '.csv': 'csv',
  '.md': 'markdown',
  '.tex': 'latex',
  '.html': 'html',
  '.json': 'json',
}

/**
 * Writes the comparison to a file, in the format of its ending (`format` for an unknown one), or to a folder, in all
 * formats. A folder is what exists as one, ends in a slash or has no ending. Returns the files.
 */
export async function writeTables(out: string, comparison: Comparison, format: Format): Promise<string[]> {
  if (await isFolder(out)) return writeAllFormats(out, comparison)
  await mkdir(dirname(out), {recursive: true})
  await writeFile(out, formatComparison(comparison, FORMAT_BY_ENDING[extname(out)] ?? format))
  return [out]
}

/** Writes every format into a folder; index.html is the page to open. */
export async function writeAllFormats(folder: string, comparison: Comparison): Promise<string[]> {
  await mkdir(folder, {recursive: true})
  const files: string[] = []
  for (const format of FORMATS) {
    const file = join(folder, FORMAT_FILES[format])
    await writeFile(file, formatComparison(comparison, format))
    files.push(file)
  }
  return files
}

/** What exists as a folder, ends in a slash or has no ending. */
export async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined) return found.isDirectory()
  return /[\\/]$/.test(path) || extname(path) === ''
}
