import {type CheckpointConfig, readCheckpointConfig} from './checkpoint-config.ts'
import {architectureOf, findCheckpointFiles, graphPaths} from './checkpoint-files.ts'
import {chooseDtype} from './choose-dtype.ts'
import {decoderOnlyModel} from './decoder-only-model.ts'
import {attentionWindow, type Refused} from './delta-proof.ts'
import {encoderDecoderModel} from './encoder-decoder-model.ts'
import {digestFiles} from './file-digest.ts'
import {type DeltaWish, prepareGraph} from './graph-source.ts'
import type {LanguageModel} from './language-model.ts'
import type {ModelParts} from './model-parts.ts'
import {ModelSessions} from './model-sessions.ts'
import {contextLength} from './model-sizes.ts'
import type {OpenModelOptions} from './open-options.ts'
import {runtimeMessage} from './runtime-message.ts'
import {deviceNamed} from './session.ts'

/**
 * Opens a checkpoint folder in any supported layout and proves on a short prompt that its cache works.
 * Errors: SlmError, naming the file, input or token that is missing or not supported.
 */
export async function openModel(options: OpenModelOptions): Promise<LanguageModel> {
  const config = await readCheckpointConfig(options.folder)
  const model = await openAs(options, config, deltaWish(options, config))
  if (!('why' in model)) return model
  const without = await openAs(options, config, {kind: 'off', why: model.why})
  if ('why' in without) throw new Error('a graph as it is in its file has nothing to prove')
  return without
}

function deltaWish(options: OpenModelOptions, config: CheckpointConfig): DeltaWish {
  if (options.asInFile === true) return {kind: 'none'}
  const device = options.device ?? 'cpu'
  if (device !== 'cpu') return {kind: 'off', why: `a cache in place was not tried on "${device}"`}
  const window = attentionWindow(config, contextLength(config))
  return window === undefined ? {kind: 'try'} : {kind: 'off', why: window}
}

/** The opened model, or why the graph cannot be rewritten as `wish` has it. */
async function openAs(
  options: OpenModelOptions,
  config: CheckpointConfig,
  wish: DeltaWish,
): Promise<LanguageModel | Refused> {
  const {folder} = options
  const files = await findCheckpointFiles(folder, config)
  const dtype = chooseDtype(folder, files, config, options.dtype)
  const graphs = files.byDtype.get(dtype)!
  const exact = options.exact ?? false
  const keepLogits = graphs.kind === 'decoder'
  const delta: DeltaWish = keepLogits ? wish : {kind: 'none'}
  const device = deviceNamed(options.device ?? 'cpu')
  const mapsWeights = device === 'cpu'
  const prepared = graphPaths(graphs).map((file) =>
    prepareGraph(file, {exact, keepLogits, delta, mapsWeights}),
  )
  const digest =
    options.digest ??
    (await digestFiles([...graphPaths(graphs), ...prepared.flatMap((graph) => graph.weights)]))
  const sessions = new ModelSessions({device, threads: options.threads})
  const parts: ModelParts = {options, config, dtype, graphs, prepared, sessions, digest}
  try {
    const model =
      architectureOf(graphs) === 'dec-only' ? await decoderOnlyModel(parts) : await encoderDecoderModel(parts)
    if ('why' in model) await sessions.close()
    return model
  } catch (error) {
    await sessions.close()
    // Whether the rewritten graph or the file is at fault shows when the file is opened as it is.
    if (!prepared.some((graph) => graph.hasDeltaCache)) throw error
    return {kind: 'refused', why: `the rewritten graph cannot be opened: ${runtimeMessage(error)}`}
  }
}
