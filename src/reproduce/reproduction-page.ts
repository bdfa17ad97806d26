import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {type Cell, cellText, intervalText} from '../report/cell.ts'
import type {Grid, GridCell, Page, Section} from '../report/page.ts'
import {PLACE_HEADINGS, PLACES} from '../report/place.ts'
import type {CellResult} from './cell-result.ts'
import {TABLE_SIZE} from './cells.ts'
import {equalityGrid} from './equality-grid.ts'
import {reproductionNotes} from './reproduction-notes.ts'
import {averageCell, seedCell, TABLE_METRIC} from './seed-cell.ts'
import {seedDuels} from './seed-duels.ts'

/** The tasks' names as tables show them, in the paper's order. */
export interface TableTask {
  readonly name: string
  readonly metrics: readonly string[]
}

/** The miniature's Table 1, its other metrics, what was equal, who is better, and what is missing. */
export function reproductionPage(
  config: ReproduceConfig,
  results: readonly CellResult[],
  tasks: readonly TableTask[],
  extraNotes: readonly string[],
): Page {
  const ofTable = results.filter(({size}) => size === TABLE_SIZE)
  const ofOthers = results.filter(({size}) => size !== TABLE_SIZE)
  const names = tasks.map(({name}) => name)
  const sections: Section[] = [
    scoreGrid('Table 1 in miniature: ROUGE-L (0..1), mean over seeds', ofTable, names),
    {kind: 'lines', title: 'Encoder-decoder minus decoder-only, ROUGE-L', lines: seedDuels(ofTable, names)},
    ...tasks.map((task) => metricGrid(config, ofTable, task)),
    ...(ofOthers.length === 0 ? [] : [sizeGrid(results, names)]),
    equalityGrid(results),
    {kind: 'lines', title: 'Notes', lines: [...reproductionNotes(config, results), ...extraNotes]},
  ]
  return {title: 'Encoder-decoder or decoder-only? A miniature reproduction', sections}
}

function scoreGrid(title: string, results: readonly CellResult[], tasks: readonly string[]): Grid {
  return {
    kind: 'grid',
    title,
    columns: ['model', ...tasks, 'Average'],
    groups: PLACES.map((place) => ({
      heading: PLACE_HEADINGS[place],
      rows: results
        .filter((result) => result.place === place)
        .map((result) => [
          nameCell(result),
          ...tasks.map((task) => gridCell(seedCell(result, task, TABLE_METRIC))),
          gridCell(averageCell(result, tasks)),
        ]),
    })).filter(({rows}) => rows.length > 0),
  }
}

/** All metrics of one task, with what others published or shortcuts reach beside them. */
function metricGrid(config: ReproduceConfig, results: readonly CellResult[], task: TableTask): Grid {
  const references = config.references[task.name] ?? []
  return {
    kind: 'grid',
    title: `${task.name}: all metrics, mean over seeds`,
    columns: ['model', ...task.metrics],
    groups: [
      {
        heading: '',
        rows: results.map((result) => [
          nameCell(result, result.cell),
          ...task.metrics.map((metric) => gridCell(seedCell(result, task.name, metric))),
        ]),
      },
      ...(references.length === 0
        ? []
        : [
            {
              heading: 'Published by others',
              rows: references.map(({name, scores}) => [
                {text: name},
                ...task.metrics.map((metric) => ({text: scores[metric]?.toFixed(2) ?? 'not given'})),
              ]),
            },
          ]),
    ],
  }
}

/** Figure 2 of the paper in numbers: the same comparison as the number of parameters grows. */
function sizeGrid(results: readonly CellResult[], tasks: readonly string[]): Grid {
  const sizes = [...new Set(results.map(({size}) => size))]
  const compared = results.filter(
    ({cell, method}) => method !== 'teacher' && results.some((other) => isOtherSize(cell, other)),
  )
  return {
    kind: 'grid',
    title: 'Figure 2 in miniature: ROUGE-L as the number of parameters grows',
    columns: ['model', 'parameters without embedding', ...tasks, 'Average'],
    groups: sizes.map((size) => ({
      heading: `Size ${size}`,
      rows: compared
        .filter((result) => result.size === size)
        .map((result) => [
          nameCell(result, result.cell),
          {text: result.tested[0]?.about.nonEmbedding.toLocaleString('en-US') ?? 'not trained'},
          ...tasks.map((task) => gridCell(seedCell(result, task, TABLE_METRIC))),
          gridCell(averageCell(result, tasks)),
        ]),
    })),
  }
}

/** Whether the other cell is the same network and method in another size. */
function isOtherSize(cell: string, other: CellResult): boolean {
  const plain = (name: string, size: string): string => name.replace(new RegExp(`^${size}-`), '')
  return other.cell !== cell && cell.endsWith(plain(other.cell, other.size))
}

function nameCell({tested, missingSeeds, ...result}: CellResult, name = result.name): GridCell {
  const all = tested.length + missingSeeds.length
  return {
    text: name,
    detail: missingSeeds.length === 0 ? seedsText(all) : `${tested.length} of ${seedsText(all)}`,
  }
}

function seedsText(count: number): string {
  return count === 1 ? '1 seed' : `${count} seeds`
}

function gridCell(cell: Cell): GridCell {
  const interval = intervalText(cell)
  return interval === undefined ? {text: cellText(cell)} : {text: cellText(cell), detail: interval}
}
