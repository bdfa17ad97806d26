import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {type PlaceId, placeOf, rowName, splitOf} from '../report/place.ts'
import {type Cell, cellsOf, TABLE_SIZE} from './cells.ts'
import type {Step} from './step.ts'
import {readTestedSeed, type TestedSeed} from './tested-cell.ts'
import {TEACHER_SEED} from './training-settings.ts'

/** A row of the table: a cell with all of its seeds that were evaluated. */
export interface CellResult {
  /** As printed, e.g. `2/3-1/3: enc-dec-4-2`. */
  readonly name: string
  readonly cell: string
  readonly size: string
  readonly place: PlaceId
  readonly architecture: 'enc-dec' | 'dec-only'
  readonly method: 'teacher' | 'seq2seq' | 'kd'
  readonly tested: readonly TestedSeed[]
  /** Seeds of the plan that are not evaluated. */
  readonly missingSeeds: readonly number[]
}

/** Reads what is evaluated so far, in the order of the plan. */
export async function cellResults(
  config: ReproduceConfig,
  steps: readonly Step[],
): Promise<readonly CellResult[]> {
  const seeds = Array.from({length: config.seeds}, (_, at) => at + 1)
  const results: CellResult[] = []
  if (steps.some(({kind}) => kind === 'teacher'))
    results.push({
      ...{name: 'teacher', cell: 'teacher', size: TABLE_SIZE, place: 'teacher', method: 'teacher'},
      architecture: 'dec-only',
      ...(await testedSeeds(steps, 'teacher', [TEACHER_SEED])),
    })
  for (const cell of cellsOf(config)) {
    const architecture = cell.model.network['arch'] === 'enc-dec' ? 'enc-dec' : 'dec-only'
    const place = placeOf(architecture, cell.method)
    const name = rowName(cell.model.name, place, cell.method, splitOfCell(cell))
    const {size, method} = cell
    results.push({
      ...{name, cell: cell.name, size, place, architecture, method},
      ...(await testedSeeds(steps, cell.name, seeds)),
    })
  }
  return results
}

async function testedSeeds(
  steps: readonly Step[],
  cell: string,
  seeds: readonly number[],
): Promise<Pick<CellResult, 'tested' | 'missingSeeds'>> {
  const tested: TestedSeed[] = []
  for (const seed of seeds) {
    const own = steps.filter(({training}) => training?.cell === cell && training.seed === seed)
    const evaluation = own.find(({kind}) => kind === 'evaluation')
    const trained = own.find(({kind}) => kind === 'training' || kind === 'teacher')
    if (evaluation === undefined || trained?.training === undefined) continue
    const found = await readTestedSeed(evaluation, trained.training.folder, seed)
    if (found !== undefined) tested.push(found)
  }
  return {tested, missingSeeds: seeds.filter((seed) => !tested.some((one) => one.seed === seed))}
}

function splitOfCell({model}: Cell): string {
  const {encoderLayers, decoderLayers, split} = model.network
  if (typeof encoderLayers === 'number' && typeof decoderLayers === 'number')
    return splitOf(encoderLayers, decoderLayers)
  return typeof split === 'string' ? split : ''
}
