import {basename} from 'node:path'
import {digestOf} from '../config/canonical-json.ts'
import type {EvalConfig} from '../config/eval-config.ts'
import type {GenerationSettings} from '../decode/generation-settings.ts'
import type {ModelFacts} from '../engine/language-model.ts'
import {SlmError} from '../errors.ts'
import {generationFor} from '../inference/checkpoint-generation.ts'
import {type Plan, planDigest} from '../store/manifest.ts'
import {POOL_ROWS} from '../store/record-order.ts'
import type {Tokenizer} from '../tokenizer/tokenizer.ts'
import type {Checkpoint} from './open-checkpoint.ts'
import type {OpenedTask} from './open-tasks.ts'
import {versionsInUse} from './versions.ts'

/** `auto` for a model whose answers depend on the batch: one size for every machine, so that a plan says all. */
const INEXACT_BATCH = 8

/** A task with everything that decides its answers. */
export interface PlannedTask extends OpenedTask {
  readonly generation: GenerationSettings
  readonly stopStrings: readonly string[]
  readonly isChat: boolean
  readonly truncation: OpenedTask['task']['prompt']['truncate']['side']
}

/** Settles the decoding and the prompt of a task on this checkpoint. */
export async function planTask(
  opened: OpenedTask,
  checkpoint: Checkpoint,
  config: EvalConfig,
): Promise<PlannedTask> {
  const {task} = opened
  const {maxNewTokens, numBeams, temperature, topK, topP} = config
  const generation = await generationFor({
    folder: checkpoint.folder,
    facts: checkpoint.inference.facts,
    generation: config.generation,
    flags: withoutAbsent({maxNewTokens, numBeams, temperature, topK, topP}),
    defaultMaxNewTokens: task.maxNewTokens,
  })
  return {
    ...opened,
    generation,
    stopStrings: [...new Set([...task.stop, ...(generation.stop_strings ?? [])])],
    isChat: isChat(task.prompt.chat, checkpoint.tokenizer, config.chat),
    truncation: config.truncation ?? task.prompt.truncate.side,
  }
}

function isChat(
  choice: OpenedTask['task']['prompt']['chat'],
  {hasChatTemplate}: Tokenizer,
  override: boolean | undefined,
): boolean {
  const isWanted = override ?? (choice === 'always' || (choice === 'when-available' && hasChatTemplate))
  if (isWanted && !hasChatTemplate)
    throw new SlmError('chat-template-missing', 'the checkpoint has no chat template', {
      hint: 'Leave out --chat, or take a checkpoint whose tokenizer_config.json has one.',
    })
  return isWanted
}

/** The plan of a run: everything that goes into its manifest but the machine. */
export function planRun(config: EvalConfig, checkpoint: Checkpoint, tasks: readonly PlannedTask[]): Plan {
  const {facts} = checkpoint.inference
  return {
    model: {
      name: checkpoint.name,
      architecture: facts.architecture,
      dtype: facts.dtype,
      digest: facts.digest,
    },
    tokenizer: {digest: checkpoint.tokenizer.digest},
    tasks: tasks.map((task) => taskPart(task, config.limit)),
    seed: config.seed,
    device: facts.device,
    exact: config.exact,
    batching:
      facts.batching.kind === 'exact'
        ? {kind: 'exact'}
        : {
            kind: 'inexact',
            why: facts.batching.why,
            batchSize: batchSizeFor(config, facts),
            threads: facts.threads,
            ...(config.prefixCache === true ? {prefixCache: true} : {}),
          },
    poolRows: POOL_ROWS,
    versions: versionsInUse(),
    ...(config.shard === undefined ? {} : {shard: config.shard}),
  }
}

function taskPart(planned: PlannedTask, limit: number | undefined): Plan['tasks'][number] {
  const {task, located, source, digest, metrics, generation, stopStrings, truncation} = planned
  const {columns, noAnswer, subset, prompt, extract} = task
  return {
    name: task.name,
    version: task.version,
    digest: digestOf({columns, noAnswer, subset, prompt, extract}),
    promptDigest: digestOf(prompt),
    data: {source, split: located.split, digest},
    ...(limit === undefined ? {} : {limit}),
    chat: planned.isChat,
    truncation,
    generation: {...generation} as Plan['tasks'][number]['generation'], // settings are JSON by their schema
    stopStrings: [...stopStrings],
    metrics: metrics.map(({id, version}) => ({id, version})),
  }
}

/** The batch size to ask for; a number wherever the batch can move an answer. */
export function batchSizeFor({batchSize}: EvalConfig, {batching, maxRows}: ModelFacts): number | 'auto' {
  const most = maxRows ?? Number.POSITIVE_INFINITY
  if (batchSize !== 'auto') return Math.min(batchSize, most)
  return batching.kind === 'exact' ? 'auto' : Math.min(INEXACT_BATCH, most)
}

/** A name that people can read and that the plan alone decides. */
export function runName(plan: Plan): string {
  const model = [basename(plan.model.name.replaceAll('\\', '/')), plan.model.dtype]
  const parts = [...model, ...plan.tasks.map(({name}) => name), planDigest(plan).slice(0, 8)]
  const shard = plan.shard === undefined ? '' : `-${plan.shard.index}of${plan.shard.count}`
  return `${parts.join('-').replaceAll(/[^\w.-]+/g, '-')}${shard}`
}

/** Exact optional properties do not take undefined. */
function withoutAbsent<Value extends object>(value: Value): {[Key in keyof Value]?: NonNullable<Value[Key]>} {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as {
    [Key in keyof Value]?: NonNullable<Value[Key]>
  } // the same keys without the absent ones
}
