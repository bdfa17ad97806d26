import type {EvaluatedRun} from '../eval/evaluate.ts'
import {type Grid, type GridCell, oneLine, type Page} from '../report/page.ts'

/** What `slm eval` and `slm merge` print of a finished run: a row for each metric, and the notes. */
export function runPage({folder, manifest, summary}: EvaluatedRun): Page {
  const {name, architecture, dtype} = manifest.model
  const grid: Grid = {
    kind: 'grid',
    title: '',
    columns: ['metric', 'value', '95% interval', 'samples'],
    groups: summary.tasks.map(({task, metrics}) => ({
      heading: task,
      rows: Object.entries(metrics).map(([id, value]): GridCell[] =>
        'missing' in value
          ? [{text: id}, {text: 'none'}, {text: value.missing}, {text: '0'}]
          : [
              {text: id},
              {text: value.value.toFixed(4)},
              {text: `[${value.low.toFixed(4)}, ${value.high.toFixed(4)}]`},
              {text: String(value.count)},
            ],
      ),
    })),
  }
  const notes = [
    ...summary.tasks.flatMap(({task, notes: taskNotes}) => taskNotes.map((note) => `${task}: ${note}`)),
    ...summary.notes,
  ]
  const title = `${oneLine(name)} (${architecture}, ${dtype})`
  return {
    title,
    sections: [
      grid,
      ...(notes.length > 0 ? [{kind: 'lines' as const, title: 'Notes', lines: notes}] : []),
      {kind: 'lines', title: 'Records', lines: [folder]},
    ],
  }
}
