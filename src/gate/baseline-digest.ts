import {hash} from 'node:crypto'
import {digestOf} from '../config/canonical-json.ts'
import type {Baseline} from './baseline-schema.ts'

/** sha256 over all of a baseline but its digest; samples enter by the sha256 of their rows in order, which takes a tenth of the time. */
export function baselineDigest({
  digest: _,
  ...content
}: Omit<Baseline, 'digest'> & {readonly digest?: string}): string {
  const tasks = content.tasks.map((task) => ({
    ...task,
    samples: hash('sha256', JSON.stringify(task.samples), 'hex'),
  }))
  return digestOf({...content, tasks})
}
