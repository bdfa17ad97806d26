import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {codexMini} from './codex-mini.ts'
import {ieltsMini} from './ielts-mini.ts'
import {judgeMini} from './judge-mini.ts'
import {MINIATURE_SPLITS, type Miniature, type MiniatureSplit, miniatureRows} from './miniature.ts'
import {squadMini} from './squad-mini.ts'
import {xsumMini} from './xsum-mini.ts'

export const MINIATURES: Readonly<Record<string, Miniature>> = {
  'codex-mini': codexMini,
  'ielts-mini': ieltsMini,
  'judge-mini': judgeMini,
  'squad-mini': squadMini,
  'xsum-mini': xsumMini,
}

/** Seed of the files that come with the program. */
export const SHIPPED_SEED = 1

/** Rows of training that come with the program; the generator makes as many as anybody wants. */
const TRAIN_ROWS: Readonly<Record<string, number>> = {
  'codex-mini': 2000,
  'ielts-mini': 1000,
  'judge-mini': 3000,
  'squad-mini': 3500,
  'xsum-mini': 1300,
}
const OTHER_ROWS = {dev: 200, test: 500} as const
/** A judge is measured kind by kind, which takes more. */
const JUDGE_ROWS = {dev: 400, test: 1500} as const

export interface MiniatureFiles {
  /** One folder for each miniature is made in it. */
  readonly out: string
  readonly seed?: number | undefined
  /** Rows of each training split instead of the shipped count. */
  readonly rows?: number | undefined
  readonly names?: readonly string[] | undefined
}

/** Writes `<out>/<name>/{train,dev,test}.jsonl`; equal arguments give equal bytes. Returns the paths. */
export async function writeMiniatures({
  out,
  seed = SHIPPED_SEED,
  rows,
  names,
}: MiniatureFiles): Promise<string[]> {
  const written: string[] = []
  for (const name of names ?? Object.keys(MINIATURES)) {
    await mkdir(join(out, name), {recursive: true})
    for (const split of MINIATURE_SPLITS) {
      const path = join(out, name, `${split}.jsonl`)
      await writeFile(path, miniatureText(name, split, seed, rowsOf(name, split, rows)))
      written.push(path)
    }
  }
  return written
}

/** The bytes of one file. */
export function miniatureText(name: string, split: MiniatureSplit, seed: number, count: number): string {
  const miniature = MINIATURES[name]
  if (miniature === undefined) throw new RangeError(`there is no miniature ${name}`)
  return [...miniatureRows(miniature, split, seed, count)].map((row) => `${JSON.stringify(row)}\n`).join('')
}

function rowsOf(name: string, split: MiniatureSplit, rows: number | undefined): number {
  if (split === 'train') return rows ?? TRAIN_ROWS[name] ?? 1000
  return (name === 'judge-mini' ? JUDGE_ROWS : OTHER_ROWS)[split]
}
