import {cacheFolderFromEnvironment} from '../data/cache-folder.ts'
import {HUB_ENDPOINT} from '../data/pull-split.ts'
import type {Dtype} from '../engine/language-model.ts'
import {type PullModel, pullCheckpoint} from './pull-checkpoint.ts'

/** Downloads by what the environment says: SLM_CACHE, HF_ENDPOINT, and HF_TOKEN, which goes to the hub's origin alone. */
export function pullFromHub(
  dtype?: Dtype,
  onFile: (path: string, bytes: number | undefined) => void = () => {},
): PullModel {
  const endpoint = process.env['HF_ENDPOINT'] ?? HUB_ENDPOINT
  const token = process.env['HF_TOKEN']
  return (reference) =>
    pullCheckpoint(reference, {
      cacheFolder: cacheFolderFromEnvironment(),
      endpoint,
      token: token ? {value: token, origin: new URL(endpoint).origin} : undefined,
      dtype,
      onFile,
    })
}
