import {stat} from 'node:fs/promises'
import {SlmError} from '../errors.ts'
import {readBaseline, sideOfBaseline} from './baseline-file.ts'
import {readRunSide} from './read-run-side.ts'
import type {Side} from './side.ts'

/** Reads a run folder or a baseline file, whichever stands there. */
export async function readSide(path: string): Promise<Side> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() === true) return sideOfBaseline(path, await readBaseline(path))
  if (found?.isDirectory() === true) return readRunSide(path)
  throw new SlmError('run-missing', `${path} is neither a run folder nor a baseline file`, {
    hint: 'Run folders are written by slm eval, baseline files by slm baseline save.',
  })
}
