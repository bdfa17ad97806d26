import {readdirSync, readFileSync} from 'node:fs'
import {dirname, relative, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'

/**
 * Folders are ranked: each may import only what stands behind it here (and `errors.ts`). `types` edges are for
 * `import type` alone. To add an edge, change this list in the same commit and say why.
 */
const ALLOWED: Readonly<
  Record<string, {readonly code: readonly string[]; readonly types?: readonly string[]}>
> = {
  stats: {code: []},
  metrics: {code: []},
  tokenizer: {code: []},
  // A written checkpoint brings a tokenizer of bytes, in the characters that byte-level tokenizers use.
  onnx: {code: ['tokenizer']},
  data: {code: ['stats']},
  // A graph is read, and for `--exact` rewritten, before the session is made.
  engine: {code: ['onnx', 'tokenizer']},
  // What decoding takes and gives is the protocol that crosses the thread.
  decode: {code: ['stats'], types: ['engine', 'inference']},
  // The worker thread that owns a model, and the main thread's side of it; `data` downloads checkpoints of the hub.
  inference: {code: ['data', 'engine', 'decode', 'tokenizer']},
  tasks: {code: ['data', 'metrics'], types: ['tokenizer']},
  config: {code: ['tasks', 'decode'], types: ['engine']},
  // Training writes graphs, runs them, reads the tasks' rows as `slm eval` does, keeps its state as runs are kept, and decodes what a student draws.
  train: {code: ['config', 'data', 'decode', 'engine', 'onnx', 'stats', 'store', 'tasks', 'tokenizer']},
  // A whole comparison: what is trained and tested, where it stands, what it takes; its tables are pages of `report`.
  reproduce: {code: ['config', 'data', 'onnx', 'report', 'stats', 'store', 'tasks', 'tokenizer', 'train']},
  store: {code: ['config'], types: ['inference', 'engine', 'stats']},
  eval: {
    code: ['config', 'data', 'engine', 'inference', 'metrics', 'stats', 'store', 'tasks', 'tokenizer'],
    types: ['decode'],
  },
  // A later reading of a run: asks servers, or a checkpoint in its thread; RL's choice among references is its own too, and
  // replies lie in the cache folder of `data`.
  judge: {code: ['config', 'data', 'inference', 'metrics', 'stats', 'store', 'tokenizer']},
  // Opens models in processes of its own, as `slm eval` does in threads, and measures what bounds them with graphs of its own.
  bench: {code: ['config', 'decode', 'engine', 'onnx', 'stats', 'store'], types: ['inference']},
  report: {code: ['config', 'metrics', 'stats', 'store', 'tasks'], types: ['eval', 'engine']},
  // A gate reads records as reports do, and its page and its conditions are those of reports.
  gate: {code: ['config', 'metrics', 'report', 'stats', 'store']},
  // The outputs of a gate depend on where it runs, which is the command line's to know.
  cli: {
    code: ['config', 'eval', 'gate', 'inference', 'judge', 'report', 'reproduce', 'store'],
    types: ['bench', 'engine', 'stats', 'train'],
  },
}

const root = fileURLToPath(new URL('..', import.meta.url))
const src = resolve(root, 'src')
const IMPORT = /^(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|import\('([^']+)'\)/gm

function sources(folder: string): string[] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter((name) => name.endsWith('.ts'))
    .map((name) => resolve(folder, name))
}

interface Import {
  readonly from: string
  readonly target: string
  readonly isType: boolean
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(IMPORT)].map((match) => ({
    from: relative(src, file),
    target: match[2] ?? match[3] ?? '',
    isType: match[1] !== undefined,
  }))
}

const files = sources(src)
const imports = files.flatMap(importsOf)

describe('the house', () => {
  it('imports only down the ranks', () => {
    const wrong = imports.filter(({from, target, isType}) => {
      if (!target.startsWith('.')) return false
      const folder = from.split('/')[0]!
      const to = relative(src, resolve(src, dirname(from), target))
      const toFolder = to.split('/')[0]!
      if (to === 'errors.ts' || toFolder === folder || folder === 'commands')
        return to.startsWith('commands') && folder !== 'commands'
      const rule = ALLOWED[folder]
      return !(rule?.code.includes(toFolder) || (isType && rule?.types?.includes(toFolder)))
    })
    expect(wrong).toEqual([])
  })

  it('has only ranked folders', () => {
    const folders = new Set(
      files.map((file) => relative(src, file).split('/')[0]!).filter((name) => !name.endsWith('.ts')),
    )
    expect([...folders].filter((name) => name !== 'commands' && !(name in ALLOWED))).toEqual([])
  })

  it('keeps ONNX Runtime to the engine', () => {
    const elsewhere = imports.filter(
      ({from, target, isType}) => target === 'onnxruntime-node' && !isType && !from.startsWith('engine/'),
    )
    expect(elsewhere).toEqual([])
  })

  it('has no drawer and no barrel', () => {
    const names = files.map((file) => relative(src, file))
    expect(
      names.filter(
        (name) =>
          /(^|\/)(utils?|helpers?|common|lib|types|misc)(\/|\.ts$)|(^|\/)index\.ts$/.test(name) &&
          name !== 'commands/index.ts',
      ),
    ).toEqual([])
  })

  it('has no circle of imports', () => {
    const edges = new Map<string, string[]>()
    for (const {from, target, isType} of imports) {
      if (!target.startsWith('.') || isType) continue
      edges.set(from, [...(edges.get(from) ?? []), relative(src, resolve(src, dirname(from), target))])
    }
    const done = new Set<string>()
    const circles: string[] = []
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      if (done.has(file) || path.includes(file)) return
      for (const next of edges.get(file) ?? []) walk(next, [...path, file])
      done.add(file)
    }
    for (const file of edges.keys()) walk(file, [])
    expect(circles).toEqual([])
  })
})
