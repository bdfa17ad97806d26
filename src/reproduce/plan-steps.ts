import {join} from 'node:path'
import {stringify} from 'yaml'
import {digestOf} from '../config/canonical-json.ts'
import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {trainConfigSchema} from '../config/train-config.ts'
import {DTYPE_SUFFIX} from '../onnx/checkpoint/write-checkpoint.ts'
import type {BuildDtype} from '../onnx/network/precision.ts'
import {cellsOf} from './cells.ts'
import {dataSteps} from './data-steps.ts'
import {reproducePaths} from './reproduce-paths.ts'
import type {Step, StepTraining} from './step.ts'
import {tokenizerStep} from './tokenizer-step.ts'
import {namedFiles, TEACHER_SEED, type Trained, threadsOf, trainingSettings} from './training-settings.ts'

/**
 * Every step in the order in which they are done: data, tokenizer, teacher, then seed by seed all trainings and their
 * evaluations, so that whoever stops early has whole seeds. Writes nothing. Errors: `config-invalid`, those of the data.
 */
export async function planSteps(config: ReproduceConfig): Promise<readonly Step[]> {
  const data = await dataSteps(config)
  const tokenizer = await tokenizerStep(config, data)
  const before = [...data.steps, tokenizer]
  const cells = cellsOf(config)
  const isTaught = cells.some(({method}) => method === 'kd')
  const teacher = isTaught ? [trainingStep(config, {kind: 'teacher'}, before, undefined)] : []
  const tested = (step: Step): readonly Step[] => testSteps(config, step)
  const [taught] = teacher
  return [
    ...before,
    ...teacher,
    ...Array.from({length: config.seeds}, (_, at) => at + 1).flatMap((seed) => {
      const trainings = cells.map((cell) => trainingStep(config, {kind: 'cell', cell, seed}, before, taught))
      return [...(seed === TEACHER_SEED ? teacher : []), ...trainings].flatMap((step) =>
        step.kind === 'teacher' ? tested(step) : [step, ...tested(step)],
      )
    }),
  ]
}

function trainingStep(
  config: ReproduceConfig,
  trained: Trained,
  before: readonly Step[],
  teacher: Step | undefined,
): Step {
  const {decisive, placed} = trainingSettings(config, trained)
  const folder = String(placed['out'])
  const isTaught = trained.kind === 'cell' && trained.cell.method === 'kd'
  const inputs = isTaught && teacher !== undefined ? [...before, teacher] : before
  const path = join(folder, 'train.yaml')
  const written = {...decisive, ...placed}
  const name = trained.kind === 'teacher' ? 'teacher' : trained.cell.name
  const seed = trained.kind === 'teacher' ? TEACHER_SEED : trained.seed
  return {
    id: trained.kind === 'teacher' ? 'teacher' : `seed-${seed}/${name}`,
    kind: trained.kind === 'teacher' ? 'teacher' : 'training',
    needs: inputs.map(({id}) => id),
    settings: digestOf({decisive, inputs: inputs.map(({settings}) => settings)}),
    configFile: {path, text: `${TRAINING_COMMENT}${path}\n${stringify(written)}`},
    words: () => Promise.resolve(['model', 'train', '--config', path]),
    outputs: [join(folder, 'config.json'), join(folder, 'training', 'log.jsonl')],
    training: {cell: name, folder, seed, config: written},
  }
}

const TRAINING_COMMENT = '# Written by slm reproduce. Makes this checkpoint again: slm model train --config '
const TEST_COMMENT = '# Written by slm reproduce. Evaluates it again: slm eval --config '

/** The seed whose checkpoints are shipped. */
export const SHIPPED_SEED = 1

/** A run of days does not end over one sample that fails; failed ones are counted in the table. */
const TOLERATED_SHARE = 0.02

/** Rounding of the weights where the table is of rounded ones, and the evaluation. */
function testSteps(config: ReproduceConfig, trained: Step): readonly Step[] {
  const {training} = trained
  if (training === undefined) return []
  const {dtype, rows} = config.test
  const files = namedFiles(config.data, 'test')
  const rounded = dtype === 'fp32' ? [] : [weightsStep(trained, training, dtype)]
  const {ship, shipDtype} = config
  const isShipped = ship !== undefined && training.seed === SHIPPED_SEED
  const shipped =
    !isShipped || shipDtype === 'fp32' || shipDtype === dtype
      ? []
      : [weightsStep(trained, training, shipDtype)]
  const paths = reproducePaths(config.out)
  const needed = [trained, ...rounded]
  const decisive = {tasks: config.tasks, dtype, ...(rows === undefined ? {} : {limit: rows})}
  const settings = digestOf({
    decisive,
    files: Object.keys(files),
    inputs: needed.map(({settings: digest}) => digest),
  })
  const run = `${paths.run(training.seed, training.cell)}-${settings.slice(0, 8)}`
  const path = `${run}.yaml`
  const written = {
    model: training.folder,
    ...decisive,
    ...(Object.keys(files).length > 0 ? {data: files} : {}),
    maxFailedShare: TOLERATED_SHARE,
    threads: threadsOf(config),
    out: run,
  }
  return [
    ...rounded,
    ...shipped,
    {
      id: `${trained.id}/evaluation`,
      kind: 'evaluation',
      needs: needed.map(({id}) => id),
      settings,
      configFile: {path, text: `${TEST_COMMENT}${path}\n${stringify(written)}`},
      words: () => Promise.resolve(['eval', '--config', path]),
      outputs: [join(run, 'summary.json')],
      training: {...training, folder: run},
    },
  ]
}

function weightsStep({id, settings}: Step, {folder, config}: StepTraining, dtype: BuildDtype): Step {
  const isEncoderDecoder = trainConfigSchema.parse(config).network.arch === 'enc-dec'
  const graph = `${isEncoderDecoder ? 'encoder_model' : 'model'}${DTYPE_SUFFIX[dtype]}.onnx`
  return {
    id: `${id}/${dtype}`,
    kind: 'weights',
    needs: [id],
    settings: digestOf({dtype, inputs: [settings]}),
    // What the small form costs shows in the evaluation of its cell.
    words: () => Promise.resolve(['model', 'quantize', folder, '--dtype', dtype, '--no-cost']),
    outputs: [join(folder, 'onnx', graph)],
  }
}
