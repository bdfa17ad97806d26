import {canonicalJson} from '../config/canonical-json.ts'
import type {Manifest} from '../store/manifest.ts'

/** Name to value, in print: the conditions under which a number came about. */
export type Terms = Readonly<Record<string, string>>

/**
 * Settings about tokens. They follow the checkpoint's vocabulary and hold for it always, so they differ between models that
 * are compared fairly.
 */
const TOKEN_SETTINGS = new Set([
  'eos_token_id',
  'pad_token_id',
  'bos_token_id',
  'decoder_start_token_id',
  'forced_bos_token_id',
  'forced_eos_token_id',
  'suppress_tokens',
  'begin_suppress_tokens',
  'bad_words_ids',
  'sequence_bias',
  'renormalize_logits',
  'remove_invalid_values',
])
/** Settings that do nothing in a greedy or beam search. */
const SAMPLING_SETTINGS = new Set([
  'temperature',
  'top_k',
  'top_p',
  'min_p',
  'typical_p',
  'epsilon_cutoff',
  'eta_cutoff',
])
/** Settings that do nothing without beams. */
const BEAM_SETTINGS = new Set(['length_penalty', 'early_stopping'])

/** What must be equal between the rows of one column: task, data, prompt and decoding. */
export function termsOf(manifest: Pick<Manifest, 'seed'>, task: Manifest['tasks'][number]): Terms {
  const isSampled = task.generation['do_sample'] === true
  const hasBeams = task.generation['num_beams'] !== undefined && task.generation['num_beams'] !== 1
  const generation = Object.entries(task.generation).filter(
    ([key, value]) =>
      value !== null &&
      !TOKEN_SETTINGS.has(key) &&
      (isSampled || !SAMPLING_SETTINGS.has(key)) &&
      (hasBeams || !BEAM_SETTINGS.has(key)),
  )
  return {
    'task version': String(task.version),
    'task definition': task.digest.slice(0, 12),
    prompt: task.promptDigest.slice(0, 12),
    data: task.data.digest.slice(0, 12),
    split: task.data.split,
    rows: task.limit === undefined ? 'all' : `first ${task.limit}`,
    'chat template': task.chat ? 'yes' : 'no',
    truncation: task.truncation,
    'stop strings': canonicalJson(task.stopStrings),
    'rougeL version': String(task.metrics.find(({id}) => id === 'rougeL')?.version ?? 'none'),
    ...Object.fromEntries(generation.map(([key, value]) => [key, canonicalJson(value)])),
    ...(isSampled ? {seed: String(manifest.seed)} : {}),
  }
}

/** `name: mine, there theirs` for every term that differs. */
export function termDifferences(mine: Terms, theirs: Terms): string[] {
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].sort()
  return names
    .filter((name) => mine[name] !== theirs[name])
    .map((name) => `${name}: ${mine[name] ?? 'not set'}, there ${theirs[name] ?? 'not set'}`)
}

/** Values at which a setting does nothing (Hugging Face's generation_config.json); they are not worth a reader's time. */
const NEUTRAL: Readonly<Record<string, string>> = {
  do_sample: 'false',
  num_beams: '1',
  num_return_sequences: '1',
  min_new_tokens: '0',
  min_length: '0',
  early_stopping: 'false',
  temperature: '1',
  top_p: '1',
  typical_p: '1',
  epsilon_cutoff: '0',
  eta_cutoff: '0',
  repetition_penalty: '1',
  encoder_repetition_penalty: '1',
  length_penalty: '1',
  no_repeat_ngram_size: '0',
  encoder_no_repeat_ngram_size: '0',
  'stop strings': '[]',
  'chat template': 'no',
}

/** The conditions in one line: `data 1a2b3c4d5e6f, split test, greedy, max_new_tokens 64, ...`. */
export function conditionsText(terms: Terms): string {
  const isSampled = terms['do_sample'] === 'true'
  const search = `${isSampled ? 'sampled' : 'greedy'}${(terms['num_beams'] ?? '1') === '1' ? '' : ' beams'}`
  const shown = Object.entries(terms).filter(([name, value]) => NEUTRAL[name] !== value)
  return [search, ...shown.map(([name, value]) => `${name} ${value}`)].join(', ')
}
