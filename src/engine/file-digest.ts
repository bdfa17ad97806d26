import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {basename} from 'node:path'
import {SlmError} from '../errors.ts'

/** sha256 over names and contents of files, in the order given. Errors: `model-file-missing`. */
export async function digestFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(`${basename(file)}\0`)
    try {
      for await (const chunk of createReadStream(file, {highWaterMark: 1 << 20})) hash.update(chunk)
    } catch (cause) {
      throw new SlmError('model-file-missing', `${file} cannot be read; the graph names it as its weights`, {
        hint: 'Copy the weights file that was exported with the graph into the same folder.',
        cause,
      })
    }
  }
  return hash.digest('hex')
}
