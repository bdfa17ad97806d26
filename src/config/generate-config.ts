import {z} from 'zod'
import {runSettings} from './eval-config.ts'

const {
  dtype,
  device,
  threads,
  batchSize,
  generation,
  maxNewTokens,
  numBeams,
  temperature,
  topK,
  topP,
  seed,
  exact,
  prefixCache,
} = runSettings

/** What `slm generate` decodes and how; the names are those of an evaluation. */
export const generateConfigSchema = z
  .strictObject({
    model: z
      .string({error: 'must be a folder, a shipped name or a hub id'})
      .min(1)
      .describe('A checkpoint: a folder, a shipped name, or a hub id owner/name[@revision].'),
    prompts: z
      .string({error: 'must be a JSON Lines file, or - for standard input'})
      .min(1)
      .describe('Rows {"id","text"} or {"id","ids"}.'),
    topLogits: z
      .int({error: 'must be an integer from 0'})
      .nonnegative({error: 'must be an integer from 0'})
      .default(0)
      .describe('Best logits of each step to keep.'),
    stop: z.array(z.string().min(1)).default([]).describe('Texts that end a row.'),
    chat: z.boolean().default(false).describe('Send each text as a user message through the chat template.'),
    out: z.string().min(1).optional().describe('Output file; standard output when absent.'),
    dtype,
    device,
    threads,
    batchSize,
    generation,
    maxNewTokens,
    numBeams,
    temperature,
    topK,
    topP,
    seed,
    exact,
    prefixCache,
  })
  .describe('Decoding of any prompts for `slm generate`.')

export type GenerateConfig = z.output<typeof generateConfigSchema>
