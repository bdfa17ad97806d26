import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {csvText} from './csv-text.ts'
import type {DrawnFigure, Figure} from './figure.ts'
import {vegaSvg} from './vega-svg.ts'

/** Draws figures, one after the other. */
export async function drawFigures(figures: readonly Figure[]): Promise<DrawnFigure[]> {
  const drawn: DrawnFigure[] = []
  for (const figure of figures)
    drawn.push({...figure, file: `${figure.id}.svg`, svg: await vegaSvg(figure.spec)})
  return drawn
}

/** Writes each figure and, beside it, its data as CSV. Returns the files. */
export async function writeFigures(folder: string, drawn: readonly DrawnFigure[]): Promise<string[]> {
  const files: string[] = []
  for (const {id, file, svg, data} of drawn) {
    const drawing = join(folder, file)
    const csv = join(folder, `${id}.csv`)
    await writeFile(drawing, `${svg}\n`)
    await writeFile(csv, csvText(data, Object.keys(data[0] ?? {})))
    files.push(drawing, csv)
  }
  return files
}
