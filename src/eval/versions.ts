import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import type {Plan} from '../store/manifest.ts'

/** Versions of the programs whose change can move an answer or a score. */
export function versionsInUse(): Plan['versions'] {
  const require = createRequire(import.meta.url)
  return {
    slm: versionIn(new URL('../../package.json', import.meta.url)),
    onnxruntime: versionIn(require.resolve('onnxruntime-node/package.json')),
    transformers: versionIn(
      new URL('package.json', folderOf(import.meta.resolve('@huggingface/transformers'))),
    ),
  }
}

/** The package's folder: it exports no package.json. */
function folderOf(entry: string): string {
  const name = '@huggingface/transformers/'
  return entry.slice(0, entry.lastIndexOf(name) + name.length)
}

function versionIn(file: URL | string): string {
  const {version}: {version?: unknown} = JSON.parse(readFileSync(file, 'utf8'))
  return String(version)
}
