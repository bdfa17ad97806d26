import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {parse} from 'yaml'
import {z} from 'zod'
import {missing} from './cell.ts'
import {PLACE_HEADINGS, PLACES, type PlaceId, type Training} from './place.ts'
import type {ScoreCell, ScoreGroup, ScoreRow} from './score-table.ts'

/** [RL, RG] as printed. */
const pair = z.tuple([z.number(), z.number()])
const published = z.strictObject({
  source: z.string(),
  note: z.string(),
  groups: z.array(
    z.strictObject({
      place: z.enum(PLACES),
      rows: z.array(
        z.strictObject({name: z.string(), squad: pair, ielts: pair, codex: pair, xsum: pair, average: pair}),
      ),
    }),
  ),
})

type PublishedTask = (typeof PUBLISHED_TASKS)[number]
export const PUBLISHED_TASKS = ['squad', 'ielts', 'codex', 'xsum'] as const

export interface PublishedScores {
  /** Where the numbers stand in print. */
  readonly source: string
  readonly note: string
  /** Rows for the given columns; a task that the paper does not have is missing by name. */
  readonly groups: (tasks: readonly string[]) => readonly ScoreGroup[]
}

/** The paper's Table 1, read from configs/published/table1.yaml. */
export function readPublishedScores(): PublishedScores {
  const file = fileURLToPath(new URL('../../configs/published/table1.yaml', import.meta.url))
  const {source, note, groups} = published.parse(parse(readFileSync(file, 'utf8')))
  const isPublished = (task: string): task is PublishedTask =>
    (PUBLISHED_TASKS as readonly string[]).includes(task)
  const cellOf = (row: (typeof groups)[number]['rows'][number], task: string): ScoreCell =>
    isPublished(task) ? scoreCell(row[task]) : absent(task)
  return {
    source,
    note,
    groups: (tasks) =>
      groups.map(({place, rows}) => ({
        place,
        heading: PLACE_HEADINGS[place],
        rows: rows.map(
          (row): ScoreRow => ({
            name: `${row.name}, published`,
            source: 'published',
            model: row.name,
            architecture: place.startsWith('enc-dec') ? 'enc-dec' : 'dec-only',
            training: trainingOf(place, row.name),
            split: place.startsWith('enc-dec') ? row.name : '',
            parameters: parametersOf(place),
            scores: tasks.map((task) => cellOf(row, task)),
            average: scoreCell(row.average),
          }),
        ),
      })),
  }
}

function trainingOf(place: PlaceId, name: string): Training {
  if (place === 'teacher') return 'teacher'
  return place === 'enc-dec-kd' || name === 'KD' ? 'kd' : 'seq2seq'
}

function parametersOf(place: PlaceId): ReturnType<typeof missing> {
  const size = place === 'teacher' ? '3.3B' : '330M'
  return missing(size, `the paper says ${size}; an exact count is not printed`)
}

function scoreCell([rl, rg]: readonly [number, number]): ScoreCell {
  return {
    rl: {kind: 'number', value: rl},
    rg: {kind: 'number', value: rg},
    tally: undefined,
    judged: undefined,
    isMixed: false,
  }
}

function absent(task: string): ScoreCell {
  const cell = missing('not published', `the paper has no task ${task}`)
  return {rl: cell, rg: cell, tally: undefined, judged: undefined, isMixed: false}
}
