import {mkdirSync} from 'node:fs'
import {SlmError} from '../../errors.ts'

/** Makes a folder to write to, and those above it. Errors: `out-unwritable`. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, {recursive: true})
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code // what node:fs throws has one
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'lies where a file is' : `cannot be made (${code})`
    throw new SlmError('out-unwritable', `the folder ${folder} ${why}`, {
      hint: 'Give --out a folder that can be made and written.',
      cause,
    })
  }
}
