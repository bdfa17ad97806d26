import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {cpus} from 'node:os'
import {listSupportedBackends} from 'onnxruntime-node'
import {defaultThreads} from './session.ts'

export interface Provider {
  readonly name: string
  /** False: the program's ONNX Runtime can use it only with libraries that must be installed beside it. */
  readonly isBundled: boolean
}

export interface RuntimeFacts {
  readonly onnxruntime: string
  readonly transformers: string
  readonly providers: readonly Provider[]
  readonly processor: string
  readonly processors: number
  /** Threads inside one operator when none are asked for. */
  readonly threads: number
  /** Vector extensions that decide how fast, and in int8 how exactly, ONNX Runtime computes; empty where the system does not say. */
  readonly extensions: readonly string[]
}

const EXTENSIONS = [
  'avx2',
  'avx512f',
  'avx512_vnni',
  'avx_vnni',
  'amx_int8',
  'asimd',
  'asimddp',
  'i8mm',
  'sve',
]

/** Versions and abilities of the runtime on this machine. */
export function runtimeFacts(): RuntimeFacts {
  const all = cpus()
  return {
    onnxruntime: versionOf('onnxruntime-node'),
    transformers: versionOf('@huggingface/transformers'),
    providers: listSupportedBackends().map(({name, bundled}) => ({name, isBundled: bundled})),
    processor: all[0]?.model ?? 'unknown',
    processors: all.length,
    threads: defaultThreads(),
    extensions: extensions(),
  }
}

function extensions(): string[] {
  try {
    const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? ''
    const flags = new Set(line.split(' '))
    return EXTENSIONS.filter((name) => flags.has(name))
  } catch {
    return []
  }
}

/** Packages may hide their package.json from `require`; the folder is found by the entry file. */
function versionOf(name: string): string {
  const require = createRequire(import.meta.url)
  const entry = require.resolve(name)
  const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}/`.length)
  const pack: unknown = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'))
  return typeof pack === 'object' && pack !== null && 'version' in pack ? String(pack.version) : 'unknown'
}
