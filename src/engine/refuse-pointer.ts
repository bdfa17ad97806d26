import {SlmError} from '../errors.ts'

const POINTER = 'version https://git-lfs.github.com/spec/'

/** Refuses a file that is only the note that Git LFS keeps in place of a large file. Errors: `lfs-pointer`. */
export function refusePointer(file: string, bytes: Uint8Array): void {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, POINTER.length))
  if (start.toString('latin1') !== POINTER) return
  throw new SlmError('lfs-pointer', `${file} is a Git LFS pointer, not the file itself`, {
    hint: 'Run `git lfs pull` in the folder, or download the file again.',
  })
}
