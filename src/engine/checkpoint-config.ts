import {join} from 'node:path'
import {z} from 'zod'
import {readJsonFile} from './json-file.ts'

const id = z.number().int().nonnegative()
const ids = z.union([id, z.array(id)])

/** The keys of config.json that running needs; the rest is kept and not looked at. */
const modelConfig = z.looseObject({
  model_type: z.string().optional(),
  is_encoder_decoder: z.boolean().optional(),
  decoder_start_token_id: id.nullish(),
  bos_token_id: ids.nullish(),
  eos_token_id: ids.nullish(),
  pad_token_id: z.number().int().nullish(),
})
export type ModelConfig = z.infer<typeof modelConfig>

const generationConfig = z.looseObject({
  decoder_start_token_id: ids.nullish(),
  bos_token_id: ids.nullish(),
  eos_token_id: ids.nullish(),
  pad_token_id: z.number().int().nullish(),
})
export type GenerationConfig = z.infer<typeof generationConfig>

/** ONNX Runtime GenAI's own description of a model: file, names of inputs and outputs, special tokens. */
const genaiConfig = z.looseObject({
  model: z.looseObject({
    type: z.string(),
    bos_token_id: ids.nullish(),
    eos_token_id: ids.nullish(),
    pad_token_id: z.number().int().nullish(),
    context_length: z.number().int().positive().optional(),
    vocab_size: z.number().int().positive().optional(),
    decoder: z
      .looseObject({
        filename: z.string().optional(),
        head_size: z.number().int().positive().optional(),
        num_key_value_heads: z.number().int().positive().optional(),
        /** Which layers keep a window; with no layer named the runtime was to cut the cache, and the graph knows no window. */
        sliding_window: z
          .looseObject({
            window_size: z.number().int().positive().optional(),
            layers: z.array(z.number().int()).optional(),
          })
          .nullish(),
        inputs: z.record(z.string(), z.unknown()).default({}),
        outputs: z.record(z.string(), z.unknown()).default({}),
        pipeline: z.unknown().optional(),
      })
      .optional(),
    encoder: z.unknown().optional(),
  }),
})
export type GenaiConfig = z.infer<typeof genaiConfig>

/** What the folder's own configuration files say; each file may be missing. */
export interface CheckpointConfig {
  readonly model: ModelConfig | undefined
  readonly generation: GenerationConfig | undefined
  readonly genai: GenaiConfig | undefined
}

export async function readCheckpointConfig(folder: string): Promise<CheckpointConfig> {
  const [model, generation, genai] = await Promise.all([
    readJsonFile(join(folder, 'config.json'), modelConfig),
    readJsonFile(join(folder, 'generation_config.json'), generationConfig),
    readJsonFile(join(folder, 'genai_config.json'), genaiConfig),
  ])
  return {model, generation, genai}
}
