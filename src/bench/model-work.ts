import {attentionSizes} from '../engine/attention-sizes.ts'
import {readCheckpointConfig} from '../engine/checkpoint-config.ts'
import {findCheckpointFiles, type GraphFiles} from '../engine/checkpoint-files.ts'
import type {Dtype, ModelFacts} from '../engine/language-model.ts'
import {readModelFile} from '../onnx/read/graph-facts.ts'
import {graphProducts, type Product, weightBytes} from '../onnx/read/graph-products.ts'

/** What a model computes and reads, by what it is applied to; a multiplication with its addition counts once here. */
export interface ModelWork {
  readonly isPair: boolean
  /** For each token of the input, in the encoder; 0 for decoder-only models. */
  readonly encoderMultiplications: number
  /** For each token of the input, once: keys and values of cross-attention. */
  readonly crossMultiplications: number
  /** For each token that goes through the decoder, the output head left out. */
  readonly decoderMultiplications: number
  /** For each token that is chosen. */
  readonly headMultiplications: number
  /** Stored weights that one decode step reads. */
  readonly stepWeightBytes: number
  /** Keys and values of one token of one row: of the decoder's own, and of the input's in an encoder-decoder model. */
  readonly selfCacheBytes: number
  readonly crossCacheBytes: number
  /** Layers times the width of the queries: what attention multiplies, twice, for each pair of tokens. Undefined where not known. */
  readonly attention: {readonly encoder: number; readonly decoder: number} | undefined
}

/** Reads the graphs of a checkpoint, not its weights. Undefined where the folder lacks the dtype. */
export async function readModelWork(
  folder: string,
  dtype: Dtype,
  facts: ModelFacts,
): Promise<ModelWork | undefined> {
  const config = await readCheckpointConfig(folder)
  const files = await findCheckpointFiles(folder, config)
  const graphs = files.layout === 'genai' ? [...files.byDtype.values()][0] : files.byDtype.get(dtype)
  if (graphs === undefined) return undefined
  const isPair = facts.architecture === 'enc-dec'
  const {encoder, first, next} = productsOf(graphs)
  const sizes = attentionSizes(config)
  const head = next.findLast(({sides}) => sides.includes(facts.vocabulary))
  const tokens = sum(next.filter(({operand}) => operand === 'tokens'))
  const bytes = facts.cacheBytesPerToken
  return {
    isPair,
    encoderMultiplications: sum(encoder),
    crossMultiplications: sum(first.filter(({operand}) => operand === 'states')),
    decoderMultiplications: tokens - (head?.elements ?? 0),
    headMultiplications: head?.elements ?? 0,
    stepWeightBytes: weightBytes(next),
    selfCacheBytes: isPair ? bytes / 2 : bytes,
    crossCacheBytes: isPair ? bytes / 2 : 0,
    attention: sizes && {
      encoder: sizes.encoderLayers * sizes.encoderWidth,
      decoder: sizes.decoderLayers * sizes.decoderWidth,
    },
  }
}

function productsOf(graphs: GraphFiles): Record<'encoder' | 'first' | 'next', Product[]> {
  const read = (file: string, step: 'first' | 'next'): Product[] => graphProducts(readModelFile(file), step)
  switch (graphs.kind) {
    case 'encoder-merged':
      return {
        encoder: read(graphs.encoder, 'first'),
        first: read(graphs.decoder, 'first'),
        next: read(graphs.decoder, 'next'),
      }
    case 'encoder-split':
      return {
        encoder: read(graphs.encoder, 'first'),
        first: read(graphs.first, 'first'),
        next: read(graphs.next, 'next'),
      }
    case 'decoder':
      return {encoder: [], first: [], next: read(graphs.decoder, 'next')}
    case 'decoder-split':
      return {encoder: [], first: [], next: read(graphs.next, 'next')}
  }
}

function sum(products: readonly Product[]): number {
  return products.reduce((total, {elements}) => total + elements, 0)
}
