import type {EvalConfig} from '../config/eval-config.ts'
import type {GenerationSettings} from '../decode/generation-settings.ts'
import type {ModelFacts} from '../engine/language-model.ts'
import {samplesOf} from '../tasks/read-samples.ts'
import {renderPrompt} from '../tasks/render-prompt.ts'
import type {Checkpoint} from './open-checkpoint.ts'
import type {PlannedTask} from './plan-run.ts'
import type {TaskRun} from './run-task.ts'
import {scoreText} from './score-text.ts'

/** Binds a planned task to the checkpoint that answers it. */
export function taskRun(
  planned: PlannedTask,
  {inference, tokenizer}: Checkpoint,
  {limit, batchSize, seed}: Pick<EvalConfig, 'limit' | 'batchSize' | 'seed'>,
): TaskRun {
  const {task, located, metrics, generation, stopStrings, isChat, truncation} = planned
  const {architecture} = inference.facts
  const maxTokens = longestPrompt(inference.facts, generation)
  return {
    task: task.name,
    rows: () => samplesOf(task, located, limit),
    promptOf: (row) => {
      const prompt = renderPrompt(task, row, tokenizer, {maxTokens, architecture, chat: isChat, truncation})
      return {text: prompt.prompt, ids: prompt.promptIds, truncatedTokens: prompt.truncatedTokens}
    },
    decode: {generation, batchSize, seed, topLogits: 0, logprobs: false, stopStrings},
    textOf: (newIds) => beforeStop(tokenizer.decode(newIds), stopStrings),
    scoreOf: (text, {references, kind}) => scoreText(task, metrics, text, references, kind),
  }
}

/** Most tokens of a prompt; a decoder-only model's answer needs its place in the same context. */
function longestPrompt(
  {architecture, contextLength}: ModelFacts,
  generation: GenerationSettings,
): number | undefined {
  if (contextLength === undefined || architecture === 'enc-dec') return contextLength
  const {max_new_tokens, max_length} = generation
  if (max_new_tokens !== null) return contextLength - max_new_tokens
  return Math.min(contextLength, max_length ?? contextLength) - 1
}

/** The text up to the first stop string, which is no part of the answer. */
function beforeStop(text: string, stopStrings: readonly string[]): string {
  const ends = stopStrings.map((stop) => text.indexOf(stop)).filter((end) => end >= 0)
  return text.slice(0, Math.min(text.length, ...ends))
}
