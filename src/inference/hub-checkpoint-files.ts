import type {ListedFile} from '../data/wanted-file.ts'
import type {CheckpointConfig} from '../engine/checkpoint-config.ts'
import {graphPaths, sortGraphs} from '../engine/checkpoint-files.ts'
import {chooseDtype} from '../engine/choose-dtype.ts'
import type {Dtype} from '../engine/language-model.ts'
import {SlmError} from '../errors.ts'

/** Small files that a checkpoint is read with. */
const CONFIGURATION =
  /^(?:config|generation_config|genai_config|tokenizer|tokenizer_config|special_tokens_map)\.json$|^chat_template\.jinja$/

/**
 * Of a hub repository's files those that opening one dtype needs: the configuration, and the graphs with their
 * external weights. Errors: `dtype-missing`, `model-file-missing`.
 */
export function checkpointFilesOf(
  reference: string,
  listed: readonly ListedFile[],
  dtype: Dtype | undefined,
  config: CheckpointConfig['model'],
): ListedFile[] {
  const configuration = listed.filter(({path}) => CONFIGURATION.test(path))
  const isGenai = listed.some(({path}) => path === 'genai_config.json')
  if (isGenai)
    return [
      ...configuration,
      ...listed.filter(({path}) => !path.includes('/') && /\.onnx(?:[._]data.*)?$/.test(path)),
    ]
  const sorted = sortGraphs(
    '',
    listed.map(({path}) => path),
  )
  const chosen = chooseDtype(
    reference,
    sorted,
    {model: config, generation: undefined, genai: undefined},
    dtype,
  )
  const graphs = graphPaths(sorted.byDtype.get(chosen)!)
  const weights = listed.filter(({path}) =>
    graphs.some((graph) => path.startsWith(`${graph}_data`) || path.startsWith(`${graph}.data`)),
  )
  const files = [...configuration, ...listed.filter(({path}) => graphs.includes(path)), ...weights]
  if (!files.some(({path}) => path === 'tokenizer.json')) {
    throw new SlmError('tokenizer-missing', `${reference}: the repository has no tokenizer.json`, {
      hint: 'Choose a repository that was exported with its fast tokenizer.',
    })
  }
  return files
}
