import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {basename} from 'node:path'
import {SlmError} from '../errors.ts'
import {refusePointer} from './refuse-pointer.ts'

/** sha256 over names and contents of files, in the order given. Errors: `model-file-missing`, `lfs-pointer`. */
export async function digestFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(`${basename(file)}\0`)
    try {
      let isFirst = true
      for await (const chunk of createReadStream(file, {highWaterMark: 1 << 20})) {
        if (isFirst) refusePointer(file, chunk)
        isFirst = false
        hash.update(chunk)
      }
    } catch (cause) {
      if (cause instanceof SlmError) throw cause
      throw new SlmError('model-file-missing', `${file} cannot be read; the graph names it as its weights`, {
        hint: 'Copy the weights file that was exported with the graph into the same folder.',
        cause,
      })
    }
  }
  return hash.digest('hex')
}
