import {closeSync, fstatSync, openSync, readSync} from 'node:fs'
import {SlmError} from '../../errors.ts'

/** One read call moves at most 2 GiB - 1 on any system. */
const LARGEST_READ = 2 ** 30

/** Reads a whole file from disk; unlike `readFileSync` it is not held to 2 GiB. */
export function readWholeFile(path: string): Buffer {
  return withFile(path, (descriptor) => readRange(descriptor, 0, fstatSync(descriptor).size, path))
}

/** Opens a file from disk for the time of one call; a missing or unreadable file is an SlmError. */
export function withFile<Value>(path: string, use: (descriptor: number) => Value): Value {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SlmError('model-file-unreadable', `${path} cannot be read: ${reason}`, {cause: error})
  }
  try {
    return use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** The bytes [offset, offset + length) of an open file; `path` is for the message when the file is shorter. */
export function readRange(descriptor: number, offset: number, length: number, path: string): Buffer {
  const size = fstatSync(descriptor).size
  if (offset + length > size)
    throw new SlmError('model-file-cut', `${path} has ${size} bytes, but ${offset + length} are needed`, {
      hint: 'The file is cut: copy or download it again.',
    })
  const bytes = Buffer.allocUnsafe(length)
  let read = 0
  while (read < length) {
    const count = readSync(descriptor, bytes, read, Math.min(length - read, LARGEST_READ), offset + read)
    if (count === 0) break
    read += count
  }
  return bytes
}
