import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {decoderOnlyGraph} from '../network/decoder-only.ts'
import {encoderGraph} from '../network/encoder.ts'
import {mergedDecoderGraph} from '../network/merged-decoder.ts'
import type {BuildDtype, Precision} from '../network/precision.ts'
import {countNetworkParameters, type NetworkShape} from '../network/shape.ts'
import type {WeightSource} from '../network/weight-source.ts'
import {WeightFile} from '../write/weight-file.ts'
import {type CheckpointTokens, checkpointConfig, generationConfig} from './config-files.ts'
import {makeFolder} from './make-folder.ts'

export interface CheckpointPlan {
  readonly folder: string
  readonly shape: NetworkShape
  readonly weights: WeightSource
  readonly precisions: readonly Precision[]
  readonly tokens: CheckpointTokens
  /** Goes into config.json under `slm`: where the weights come from, whether they were trained. */
  readonly provenance: Readonly<Record<string, unknown>>
}

/** Operator set 20 is the first with GELU; every operator but those of q8 and q4 is of the standard. */
const OPSET = 20
/** From this many parameters on, weights lie in a file beside the graphs, which encoder and decoder share. */
const LARGEST_INSIDE = 50_000_000

/** What a dtype adds to the name of a graph file. */
export const DTYPE_SUFFIX: Readonly<Record<BuildDtype, string>> = {
  fp32: '',
  fp16: '_fp16',
  q8: '_q8',
  q4: '_q4',
  int8: '_int8',
}

/**
 * Writes a checkpoint folder in the layout of transformers.js: config.json, generation_config.json, and under onnx/ the
 * graphs of every dtype. The tokenizer's files are the caller's. Returns the written paths, relative to the folder.
 */
export function writeCheckpoint(plan: CheckpointPlan): readonly string[] {
  const {folder, shape, tokens} = plan
  makeFolder(join(folder, 'onnx'))
  const files = plan.precisions.flatMap((precision) => writeGraphs(plan, precision))
  const [dtype = 'fp32'] = plan.precisions.map((precision) => precision.dtype)
  const config = {...checkpointConfig(shape, tokens), 'transformers.js_config': {dtype}, slm: plan.provenance}
  writeJson(join(folder, 'config.json'), config)
  writeJson(join(folder, 'generation_config.json'), generationConfig(shape, tokens))
  return ['config.json', 'generation_config.json', ...files]
}

function writeGraphs({folder, shape, weights}: CheckpointPlan, precision: Precision): readonly string[] {
  const suffix = DTYPE_SUFFIX[precision.dtype]
  const isLarge = countNetworkParameters(shape) > LARGEST_INSIDE
  const data = isLarge ? new WeightFile(join(folder, 'onnx', `weights${suffix}.onnx_data`)) : undefined
  const graphs =
    shape.encoderLayers > 0
      ? ([
          ['encoder_model', encoderGraph],
          ['decoder_model_merged', mergedDecoderGraph],
        ] as const)
      : ([['model', decoderOnlyGraph]] as const)
  try {
    const files = graphs.map(([name, graph]) => {
      const file = `onnx/${name}${suffix}.onnx`
      writeFileSync(join(folder, file), graph(shape, weights, precision, {opset: OPSET, weights: data}))
      return file
    })
    return data ? [...files, `onnx/${data.name}`] : files
  } finally {
    data?.close()
  }
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}
