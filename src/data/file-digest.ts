import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import type {DataFiles} from './read-rows.ts'

/** sha256 of a file's bytes, in hexadecimal. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}

/** One digest for all files of a split, in their order; where they lie and how they are called does not count. */
export async function dataDigest(data: DataFiles): Promise<string> {
  const paths = data.kind === 'pairs' ? data.files.map(({path}) => path) : data.paths
  const digests: string[] = []
  for (const path of paths) digests.push(await fileDigest(path))
  return digests.length === 1 ? digests[0]! : createHash('sha256').update(digests.join('\n')).digest('hex')
}
