import type {GridCell, Page} from '../report/page.ts'
import type {Baseline, BaselineTask} from './baseline-schema.ts'
import {isMissing} from './checks.ts'
import {figure} from './metric-verdict.ts'
import {isCounted} from './side.ts'

/** What a baseline file holds, in print. */
export function baselinePage(file: string, {model, versions, digest, tasks}: Baseline): Page {
  return {
    title: `Baseline ${file}: ${model.name} (${model.architecture}, ${model.dtype})`,
    sections: [
      {
        kind: 'grid',
        title: '',
        columns: ['metric', 'value', 'samples'],
        groups: tasks.map((task) => ({
          heading: `${task.name} version ${task.version}`,
          rows: metricRows(task),
        })),
      },
      {
        kind: 'lines',
        title: 'Made with',
        lines: [
          `model files ${model.digest.slice(0, 12)}`,
          ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
          ...tasks.map(taskLine),
          `digest ${digest.slice(0, 12)}`,
        ],
      },
    ],
  }
}

function metricRows({metrics, values, samples}: BaselineTask): GridCell[][] {
  return metrics.map(({id}, place) => {
    const value = Object.hasOwn(values, id) ? values[id] : undefined
    const counted = samples.filter((row) => 'statistics' in row && isCounted(row.statistics[place])).length
    const text = value === undefined || isMissing(value) ? 'none' : figure(value)
    return [id, text, String(counted)].map((cell) => ({text: cell}))
  })
}

function taskLine({name, data, samples}: BaselineTask): string {
  const failed = samples.filter((row) => 'failed' in row).length
  return `${name}: ${samples.length} samples of ${data.source} (${data.split}, ${data.digest.slice(0, 12)})${failed === 0 ? '' : `, ${failed} of them failed`}`
}
