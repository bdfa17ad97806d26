import type {WantedFile} from '../data/wanted-file.ts'
import {SlmError} from '../errors.ts'
import type {Task} from './task.ts'

/** The files that a split names; a name that does not exist is an error. */
export function splitOf(task: Pick<Task, 'name' | 'source'>, split: string): readonly WantedFile[] {
  const {splits} = task.source
  if (Object.hasOwn(splits, split) && splits[split] !== undefined) return splits[split]
  throw new SlmError('split-unknown', `the task ${task.name} has no split "${split}"`, {
    hint: `Its splits are ${Object.keys(splits).join(', ')}.`,
  })
}
