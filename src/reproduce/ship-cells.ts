import {mkdir, rename, rm, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {SlmError} from '../errors.ts'
import {shippedFiles} from './shipped-files.ts'
import type {Step} from './step.ts'

export interface ShippedCell {
  readonly cell: string
  /** Folder that it was copied to. */
  readonly folder: string
  readonly bytes: number
}

export interface ShipOptions {
  readonly to: string
  readonly dtype: string
  /** The command that made everything, for the README of each. */
  readonly command: string
  /** `codex train: sha256` of every data file that was named. */
  readonly named: Readonly<Record<string, string>>
}

/** Most that all shipped checkpoints may weigh together. */
const MOST_BYTES = 60e6

/**
 * Copies trained checkpoints with their configuration, log and loss curve: one folder for each cell, replacing an earlier one
 * that was shipped. Nothing is written where all of them are too large together. Errors: `ship-too-large`, `ship-folder`.
 */
export async function shipCells(
  trained: readonly Step[],
  options: ShipOptions,
): Promise<readonly ShippedCell[]> {
  const cells: {readonly cell: string; readonly folder: string; readonly files: ShippedContents}[] = []
  for (const {training} of trained) {
    if (training === undefined) continue
    const files = await shippedFiles(training, options)
    cells.push({cell: training.cell, folder: join(options.to, training.cell), files})
  }
  const bytes = cells.map(({files}) => sum([...files.values()].map((content) => content.length)))
  if (sum(bytes) > MOST_BYTES)
    throw new SlmError(
      'ship-too-large',
      `the checkpoints have ${megabytes(sum(bytes))} MB as ${options.dtype}, and ${megabytes(MOST_BYTES)} may be shipped: ${cells.map(({cell}, at) => `${cell} ${megabytes(bytes[at] ?? 0)}`).join(', ')}`,
      {hint: 'Ship a smaller dtype with --ship-dtype q8 or q4, or fewer cells.'},
    )
  for (const {folder} of cells) await refuseForeign(folder)
  for (const {folder, files} of cells) await writeFiles(folder, files)
  return cells.map(({cell, folder}, at) => ({cell, folder, bytes: bytes[at] ?? 0}))
}

/** Bytes by path inside the folder. */
type ShippedContents = ReadonlyMap<string, Uint8Array>

/** Only a folder that was shipped before is replaced. */
async function refuseForeign(folder: string): Promise<void> {
  const there = await stat(folder).catch(() => undefined)
  if (there === undefined) return
  const shipped = await stat(join(folder, 'training', 'train.yaml')).catch(() => undefined)
  if (shipped === undefined)
    throw new SlmError('ship-folder', `${folder} is there and was not shipped by this command`, {
      hint: 'Give another folder with --ship, or move that one away.',
    })
}

/** Written aside first, so that a folder is the old one or the new one. */
async function writeFiles(folder: string, files: ShippedContents): Promise<void> {
  const aside = `${folder}.part`
  await rm(aside, {recursive: true, force: true})
  for (const [path, content] of files) {
    await mkdir(join(aside, path, '..'), {recursive: true})
    await writeFile(join(aside, path), content)
  }
  await rm(folder, {recursive: true, force: true})
  await rename(aside, folder)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
