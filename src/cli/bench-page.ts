import type {BenchPreview, FinishedBench} from '../bench/bench.ts'
import type {BenchRun, MeasuredCell} from '../report/bench-comparison.ts'
import {BENCH_METRICS, type BenchMetricId} from '../report/bench-metrics.ts'
import type {BenchReading} from '../report/bench-reading.ts'
import {cellText} from '../report/bench-text.ts'
import type {Cell} from '../report/cell.ts'
import type {Grid, GridCell, Lines, Page} from '../report/page.ts'
import type {MachineRecord} from '../store/bench-record.ts'
import {duration} from './progress.ts'

const COLUMNS = [
  'firstTokenMs',
  'timePerOutputTokenMs',
  'decodeTokensPerSecond',
  'loadedBytes',
  'peakBytes',
] as const satisfies readonly BenchMetricId[]

/** What `slm bench` prints: a group for each point of the sweep, medians with their intervals. */
export function benchPage(
  {folder, unequal}: Pick<FinishedBench, 'folder' | 'unequal'>,
  reading: BenchReading,
  {machine, cells}: BenchRun,
): Page {
  return {
    title: 'Medians with 95% intervals; decode tok/s: tokens after the first, all rows together',
    sections: [
      medianGrid(cells),
      {kind: 'lines', title: 'Machine', lines: machine === undefined ? [] : machineLines(machine)},
      noteLines(reading, unequal),
      {kind: 'lines', title: 'Records', lines: [folder]},
    ],
  }
}

function medianGrid(cells: readonly MeasuredCell[]): Grid {
  const groups = new Map<string, GridCell[][]>()
  for (const cell of cells) {
    const {inputTokens, outputTokens, batch, setting} = cell
    const heading = `${inputTokens} tokens in, ${outputTokens} out, batch ${batch}, ${setting}`
    const rows = groups.get(heading) ?? []
    groups.set(heading, rows)
    rows.push(rowOf(cell))
  }
  return {
    kind: 'grid',
    title: '',
    columns: ['model', ...COLUMNS.map((id) => BENCH_METRICS[id].title), 'GEMM', 'read'],
    groups: [...groups].map(([heading, rows]) => ({heading, rows})),
  }
}

function rowOf({model, values, gemmShare, bandwidthShare}: MeasuredCell): GridCell[] {
  const percent = (cell: Cell): GridCell => {
    if (cell.kind !== 'estimate') return {text: '-'}
    return {text: `${(100 * cell.estimate.value).toFixed(0)}%`}
  }
  return [
    {text: model},
    ...COLUMNS.map((id) => cellText(values[id], BENCH_METRICS[id])),
    percent(gemmShare),
    percent(bandwidthShare),
  ]
}

function machineLines({cpu, threads, bandwidth, gemm, energy, extensions}: MachineRecord): string[] {
  const giga = (rate: MachineRecord['gemm'], unit: string): string =>
    'missing' in rate
      ? `not measured: ${rate.missing}`
      : `${(rate.value / 1e9).toFixed(1)} ${unit} (${rate.method})`
  return [
    `${cpu}, ${threads} threads${extensions.length > 0 ? `, ${extensions.join(' ')}` : ''}`,
    `read bandwidth ${giga(bandwidth, 'GB/s')}`,
    `matrix products ${giga(gemm, 'GFLOP/s')}`,
    'missing' in energy ? `energy is missing: ${energy.missing}` : `energy from ${energy.source}`,
  ]
}

function noteLines({models, cells}: BenchReading, unequal: readonly string[]): Lines {
  const samples = cells.flatMap((cell) => cell.samples)
  const busy = samples.filter(({isBusy}) => isBusy).length
  const why = cells.flatMap(({model, inputTokens, batch, setting, whyMissing, failures}) => {
    const reason = whyMissing ?? failures[0]
    return reason === undefined
      ? []
      : [`${model}, ${inputTokens} tokens, batch ${batch}, ${setting}: ${reason}`]
  })
  return {
    kind: 'lines',
    title: 'Notes',
    lines: [
      'GEMM: operations up to the first token over its time, as a share of the machine’s fp32 matrix products; read: bytes of weights and cache of a later token over its time, as a share of the read bandwidth',
      ...models.map(({model, architecture, dtype, parameters}) => {
        const count = typeof parameters === 'number' ? parameters.toLocaleString('en-US') : 'unknown'
        return `${model}: ${architecture}, ${dtype}, ${count} parameters`
      }),
      ...(unequal.length === 0
        ? ['the models are equal in parameters (within 1%), dtype, threads and vocabulary']
        : unequal.map((line) => `not equal: ${line}`)),
      ...(busy > 0
        ? [
            `the machine was busy with other programs in ${busy} of ${samples.length} samples: measure again when it is quiet`,
          ]
        : []),
      ...why,
    ],
  }
}

/** What `slm bench --dry-run` prints. */
export function benchPreviewPage({
  folder,
  plan,
  cells,
  processes,
  machine,
  seconds,
  unequal,
}: BenchPreview): Page {
  const total = typeof seconds === 'number' ? `about ${duration(seconds)}` : `unknown: ${seconds.missing}`
  return {
    title: `${processes} processes, each with ${plan.warmUp} warm-up and one counted generation; time ${total}`,
    sections: [
      {
        kind: 'lines',
        title: 'Models, in turn',
        lines: plan.models.map(
          ({label, architecture, dtype, parameters}) =>
            `${label}: ${architecture}, ${dtype}, ${typeof parameters === 'number' ? parameters.toLocaleString('en-US') : 'unknown'} parameters`,
        ),
      },
      {kind: 'lines', title: 'Not equal', lines: unequal.length === 0 ? ['nothing'] : unequal},
      {
        kind: 'lines',
        title: 'Cells',
        lines: [
          `${plan.inputLengths.join(', ')} tokens in, ${plan.outputLength} out; batch ${plan.batchSizes.join(', ')}; ${plan.settings.join(', ')}; ${plan.repeats} repeats`,
          ...cells.flatMap(({model, cell, whyNot}) =>
            whyNot === undefined
              ? []
              : [
                  `not measured: ${model}, ${cell.inputTokens} tokens, batch ${cell.batch}, ${cell.setting}: ${whyNot}`,
                ],
          ),
        ],
      },
      {kind: 'lines', title: 'Machine', lines: machineLines(machine)},
      {kind: 'lines', title: 'Records would go to', lines: [folder]},
    ],
  }
}
