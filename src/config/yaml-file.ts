import {readFile} from 'node:fs/promises'
import {isMap, isNode, isScalar, LineCounter, parseDocument} from 'yaml'
import {SlmError} from '../errors.ts'

/** A YAML file as a plain mapping that still knows on which line each key stands. */
export interface YamlFile {
  readonly file: string
  readonly value: Readonly<Record<string, unknown>>
  /** 1-based line of the deepest part of `path` that the file has. */
  lineOf(path: readonly PropertyKey[]): number
}

/** Reads one YAML mapping; a syntax error names its line. */
export async function readYamlFile(file: string): Promise<YamlFile> {
  const source = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code ?? cause.message})`
    throw new SlmError('config-file', `${file} ${why}`, {
      hint: 'Name a YAML file that exists and can be read.',
      cause,
    })
  })
  const lines = new LineCounter()
  const document = parseDocument(source, {lineCounter: lines, prettyErrors: false})
  const problem = document.errors[0] ?? document.warnings[0]
  if (problem !== undefined)
    throw new SlmError('config-syntax', `${file}:${lines.linePos(problem.pos[0]).line}: ${problem.message}`)
  const value: unknown = document.toJS() ?? {}
  if (!isMap(document.contents) && document.contents !== null)
    throw new SlmError('config-syntax', `${file}:1: must be a mapping of keys to values`)
  const lineOf = (path: readonly PropertyKey[]): number => {
    let node: unknown = document.contents
    let offset = 0
    for (const part of path) {
      const pair = isMap(node)
        ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
        : undefined
      if (pair === undefined || !isNode(pair.key)) break
      offset = pair.key.range?.[0] ?? offset
      node = pair.value
    }
    return lines.linePos(offset).line
  }
  return {file, value: value as Readonly<Record<string, unknown>>, lineOf} // a mapping, checked above
}
