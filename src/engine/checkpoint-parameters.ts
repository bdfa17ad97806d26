import {countParameters} from '../onnx/read/parameters.ts'
import {readCheckpointConfig} from './checkpoint-config.ts'
import {findCheckpointFiles, graphPaths} from './checkpoint-files.ts'
import type {Dtype} from './language-model.ts'

/** Parameters of the graphs that a dtype uses, each weight counted once; undefined where the folder lacks the dtype. Reads all weights. */
export async function checkpointParameters(folder: string, dtype: Dtype): Promise<number | undefined> {
  const files = await findCheckpointFiles(folder, await readCheckpointConfig(folder))
  // A GenAI folder holds one set of files, whatever its dtype is called.
  const graphs = files.layout === 'genai' ? [...files.byDtype.values()][0] : files.byDtype.get(dtype)
  return graphs === undefined ? undefined : countParameters(graphPaths(graphs))
}
