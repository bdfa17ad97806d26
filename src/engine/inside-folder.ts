import {isAbsolute, join, normalize} from 'node:path'
import {SlmError} from '../errors.ts'

/** The path of a file that a checkpoint's own file names, which may not leave its folder. Errors: `path-outside`. */
export function insideFolder(folder: string, name: string, namedBy: string): string {
  // Both spellings: a file written on one system must not leave the folder on another.
  const plain = name.replaceAll('\\', '/')
  if (name === '' || isAbsolute(plain) || /^[a-z]:/i.test(plain) || normalize(plain).startsWith('..')) {
    throw new SlmError('path-outside', `${namedBy} names the file "${name}", which leaves the folder`, {
      hint: 'A checkpoint may name files of its own folder only. Take it from somebody that you trust.',
    })
  }
  return join(folder, name)
}
