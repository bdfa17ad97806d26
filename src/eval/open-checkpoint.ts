import type {EvalConfig} from '../config/eval-config.ts'
import {pullFromHub} from '../inference/hub-environment.ts'
import {type Inference, openInference} from '../inference/inference.ts'
import {resolveModel} from '../inference/resolve-model.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import type {Tokenizer} from '../tokenizer/tokenizer.ts'
import type {OnEvent} from './events.ts'
import {type ModelCard, readModelCard} from './model-card.ts'

/** A checkpoint as an evaluation uses it. */
export interface Checkpoint {
  /** What tables show. */
  readonly name: string
  /** Holds its configuration files. */
  readonly folder: string
  readonly inference: Pick<Inference, 'facts' | 'decode' | 'close'>
  readonly tokenizer: Tokenizer
  /** What tables say of it; reads all weights, so only a new run asks. */
  readonly card: () => Promise<ModelCard>
}

export type OpenCheckpoint = (config: EvalConfig, onEvent: OnEvent) => Promise<Checkpoint>

/** Opens model (in its own thread) and tokenizer. */
export async function openCheckpoint(config: EvalConfig, onEvent: OnEvent): Promise<Checkpoint> {
  const pull = pullFromHub(config.dtype, (path, bytes) => onEvent({kind: 'downloading', path, bytes}))
  const {name, folder} = await resolveModel(config.model, pull)
  const tokenizer = await openTokenizer(folder)
  const inference = await openInference({
    folder,
    name,
    dtype: config.dtype,
    device: config.device,
    threads: config.threads,
    exact: config.exact,
    prefixCache: config.prefixCache,
  })
  const card = (): Promise<ModelCard> => readModelCard(folder, inference.facts.dtype)
  return {name, folder, inference, tokenizer, card}
}
