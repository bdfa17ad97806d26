import type {Dtype} from '../engine/language-model.ts'
import {pullFromHub} from '../inference/hub-environment.ts'
import type {PullModel} from '../inference/pull-checkpoint.ts'
import {downloadLine} from './download-line.ts'

/** Downloads checkpoints of the hub and says so on stderr, a line for each file. */
export function pullModel(dtype?: Dtype): PullModel {
  return pullFromHub(dtype, (path, bytes) => process.stderr.write(`${downloadLine(path, bytes)}\n`))
}
