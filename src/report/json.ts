import {cellJson} from './cell-json.ts'
import type {Comparison} from './comparison.ts'
import type {ScoreCell, ScoreRow} from './score-table.ts'

/** The comparison as data: every cell under its task's name, numbers unrounded, what is missing says why. */
export function comparisonJson({tables, duels, shortcuts, notes}: Comparison): object {
  return {
    tables: tables.map(({id, title, tasks, hasAverage, groups}) => ({
      id,
      title,
      tasks,
      groups: groups.map(({place, heading, rows}) => ({
        place,
        heading,
        rows: rows.map(({scores, average, parameters, split, ...row}) => ({
          ...row,
          split: split === '' ? {missing: noSplit(row)} : split,
          parameters: cellJson(parameters),
          scores: Object.fromEntries(tasks.map((task, column) => [task, scoreJson(scores[column]!)])),
          ...(hasAverage ? {average: scoreJson(average)} : {}),
        })),
      })),
    })),
    duels: duels.map(({differences, ...duel}) => ({
      ...duel,
      differences: differences.map(({task, outcome}) => ({
        task,
        ...(outcome.kind === 'missing'
          ? {missing: outcome.why}
          : {
              ...outcome.estimate,
              p: outcome.p,
              adjustedP: outcome.adjustedP,
              better: outcome.better,
              unpaired: outcome.unpaired,
            }),
      })),
    })),
    shortcuts: {
      verdicts: shortcuts.verdicts.map(({outcome, ...verdict}) => ({
        ...verdict,
        ...(outcome.kind === 'missing'
          ? {missing: outcome.why}
          : {...outcome.estimate, isBeaten: outcome.isBeaten}),
      })),
      details: shortcuts.details.map(({task, metrics, groups}) => ({
        task,
        groups: groups.map(({heading, rows}) => ({
          heading,
          rows: rows.map(({cells, ...row}) => ({
            ...row,
            scores: Object.fromEntries(metrics.map(({id}, place) => [id, cellJson(cells[place]!)])),
          })),
        })),
      })),
    },
    notes,
  }
}

function noSplit({architecture, source}: Pick<ScoreRow, 'architecture' | 'source'>): string {
  if (source === 'policy') return 'a policy has no layers'
  return architecture === 'dec-only'
    ? 'a decoder-only model has no split'
    : 'the layers of the model are not stated'
}

function scoreJson({rl, rg, tally, judged, isMixed}: ScoreCell): object {
  return {
    rl: cellJson(rl),
    rg: cellJson(rg),
    ...(tally === undefined ? {} : {samples: tally}),
    ...(judged === undefined ? {} : {judged}),
    isMixed,
  }
}
