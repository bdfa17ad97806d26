import type {PublishedEfficiency} from './bench-claims.ts'
import type {BenchComparison, BenchRun} from './bench-comparison.ts'
import {RATIO_IDS} from './bench-comparison.ts'
import {BENCH_METRIC_IDS} from './bench-metrics.ts'
import type {Cell} from './cell.ts'
import {listed, quantity} from './quantity.ts'

/** All that a reader must know under the tables; each note is one line of plain words. */
export function benchNotes({
  runs,
  ratios,
  published,
}: Pick<BenchComparison, 'runs' | 'ratios' | 'published'>): string[] {
  return [
    'Values are medians over repeats, each from a fresh process, without warm-up, with their 95% percentile bootstrap interval',
    'A ratio is the median of the ratios repeat by repeat, because both sides of a repeat were measured one right after the other; below 1 is less time, memory or work, and for tokens/s above 1 is faster',
    'A winner is named where the interval excludes 1 and at least 5 pairs stand behind it; intervals are for one condition each and not corrected for their number',
    'Both sides of a ratio have the same input and output tokens, batch and dtype by construction; what is not equal is warned of',
    'First: from the prompt’s ids to the choice of the first token; next: mean time of each token after it; decode tok/s: tokens after the first; all tok/s: all tokens over the whole time, of all rows of the batch; operations are counted on the graphs, a multiplication and an addition as two, so they have no interval',
    'Memory is what is resident in the measured process, its runtime included, read from outside: loaded and before the first prompt; the most while loading; the most while generating',
    ...settingNotes(runs),
    ...runs.flatMap(machineNotes),
    ...runs.flatMap(sampleNotes),
    ...(runs.length > 0 && !ratios.some(({kind}) => kind === 'architectures')
      ? [
          'No ratio of architectures: no run holds an encoder-decoder and a decoder-only model of one dtype. Only what was measured in turn in one slm bench is compared, so name both there',
        ]
      : []),
    ...missingNotes(runs, ratios),
    ...publishedNotes(published),
  ]
}

function settingNotes(runs: readonly BenchRun[]): string[] {
  const shared = runs.flatMap(({cells}) => cells.filter(({prefixTokens}) => prefixTokens > 0))
  const left = [...new Set(shared.map(({inputTokens, prefixTokens}) => String(inputTokens - prefixTokens)))]
  const settings = new Set(runs.flatMap(({cells}) => cells.map(({setting}) => setting)))
  return [
    ...(settings.has('no-cache')
      ? [
          'Without a cache, the input and what was written are computed again for each output token: the setting of the paper’s Figure 1, as far as it says, and no way to run a model',
        ]
      : []),
    ...(settings.has('prefix-cache')
      ? [
          'With a shared prefix, a decoder-only model begins behind what many prompts have in common; an encoder reads its whole input in one piece and cannot, so there the encoder-decoder model stands as it is, cached',
          ...(left.length === 0
            ? []
            : [`Of each prompt with a shared prefix the last ${listed(left)} tokens were new`]),
        ]
      : []),
  ]
}

function machineNotes({run, machine}: BenchRun): string[] {
  if (machine === undefined) return [`${run}: the machine is not stated`]
  const {cpu, processors, extensions, memoryBytes, threads, versions, bandwidth, gemm, energy, otherLoad} =
    machine
  const bounds = [
    'missing' in bandwidth
      ? `bandwidth not known (${bandwidth.missing})`
      : `${quantity(bandwidth.value / 1e9)} GB/s of reading weights (${bandwidth.method})`,
    'missing' in gemm
      ? `GEMM rate not known (${gemm.missing})`
      : `${quantity(gemm.value / 1e9)} GFLOP/s of matrix product (${gemm.method})`,
    'missing' in energy ? `energy not measured (${energy.missing})` : `energy from ${energy.source}`,
    typeof otherLoad === 'number'
      ? `${quantity(100 * otherLoad)}% of the machine used by others before the start`
      : `other load not known (${otherLoad.missing})`,
  ]
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${run}: ${cpu}, ${processors} processors, ${quantity(memoryBytes / 1e9)} GB, ${extensions.join(' ')}, threads ${threads}; ${bounds.join('; ')}; ${programs.join(', ')}`,
  ]
}

/** What became of samples that are not plain measurements. */
function sampleNotes({run, models, cells}: BenchRun): string[] {
  const busy = cells.reduce((sum, cell) => sum + cell.busy, 0)
  const failed = cells.reduce((sum, cell) => sum + cell.failed, 0)
  return [
    ...(busy > 0
      ? [`${run}: other programs used the machine during ${busy} samples; they are counted all the same`]
      : []),
    ...(failed > 0 ? [`${run}: ${failed} samples failed and are in no median`] : []),
    ...models.flatMap(({model, notes}) => notes.map((note) => `${model}: ${note}`)),
  ]
}

/** Each reason once, with what it explains. */
function missingNotes(runs: readonly BenchRun[], ratios: BenchComparison['ratios']): string[] {
  const places = new Map<string, Set<string>>()
  const add = (cell: Cell, place: string): void => {
    if (cell.kind !== 'missing') return
    const key = `${cell.short}: ${cell.why}`
    places.set(key, (places.get(key) ?? new Set()).add(place))
  }
  for (const {cells} of runs)
    for (const cell of cells) {
      const place = `${cell.model} ${cell.setting}`
      for (const id of BENCH_METRIC_IDS) add(cell.values[id], place)
      for (const share of [cell.flops, cell.bandwidthShare, cell.gemmShare]) add(share, place)
    }
  for (const {first, second, rows} of ratios)
    for (const row of rows)
      for (const id of RATIO_IDS) add(row.ratios[id], `${first.model} over ${second.model}`)
  return [...places].map(([reason, found]) => `${reason} (${listed([...found])})`)
}

function publishedNotes({source, note, absolute, figure1}: PublishedEfficiency): string[] {
  const figures = absolute.map(
    ({device, firstTokenMs, tokensPerSecond}) =>
      `${device} ${firstTokenMs} ms and ${tokensPerSecond} tokens/s`,
  )
  return [
    `The paper’s claims: ${source}; ${note}`,
    `The paper’s first token and throughput of its encoder-decoder model alone: ${figures.join(', ')}`,
    `The paper’s Figure 1: ${figure1.note}`,
  ]
}
