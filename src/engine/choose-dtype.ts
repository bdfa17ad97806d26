import {SlmError} from '../errors.ts'
import type {CheckpointConfig} from './checkpoint-config.ts'
import type {CheckpointFiles} from './checkpoint-files.ts'
import {DTYPES, type Dtype} from './language-model.ts'

/**
 * The dtype to open: the one asked for; else the one that config.json names as its default
 * (`transformers.js_config.dtype`); else fp32; else the only one there is. Errors: `dtype-missing`.
 */
export function chooseDtype(
  folder: string,
  files: CheckpointFiles,
  config: CheckpointConfig,
  asked: Dtype | undefined,
): Dtype {
  const available = [...files.byDtype.keys()]
  if (asked !== undefined) {
    if (files.byDtype.has(asked) || files.layout === 'genai')
      return files.layout === 'genai' ? available[0]! : asked
    const missing = files.incomplete.get(asked)
    throw new SlmError(
      'dtype-missing',
      `${folder}: no ${asked} files${missing ? ` (${missing} is missing)` : ''}`,
      {
        hint: available.length > 0 ? `This folder has: ${available.join(', ')}.` : 'Export the model again.',
      },
    )
  }
  const preferred = defaultDtype(config)
  if (preferred !== undefined && files.byDtype.has(preferred)) return preferred
  if (files.byDtype.has('fp32')) return 'fp32'
  if (available.length === 1) return available[0]!
  if (available.length === 0) {
    const [[dtype, missing] = ['fp32', 'a file']] = files.incomplete
    throw new SlmError('model-file-missing', `${folder}: ${missing} is missing (${dtype})`, {
      hint: 'Export the model for generation with past key values: both decoder files, or the merged one.',
    })
  }
  throw new SlmError(
    'dtype-missing',
    `${folder}: no fp32 files and several others: ${available.join(', ')}`,
    {
      hint: `Choose one with --dtype, e.g. --dtype ${available[0]}.`,
    },
  )
}

function defaultDtype(config: CheckpointConfig): Dtype | undefined {
  const block = config.model?.['transformers.js_config']
  if (typeof block !== 'object' || block === null || !('dtype' in block)) return undefined
  return DTYPES.find((dtype) => dtype === block.dtype)
}
