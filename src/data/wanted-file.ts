import {fitsPattern} from './file-pattern.ts'

/** How a task names a file of a split: a pattern, a file with what is known about it, or patterns in order of preference. */
export type WantedFile =
  | string
  | {readonly path: string; readonly bytes?: number | undefined; readonly sha256?: string | undefined}
  | {readonly firstOf: readonly string[]}

/** A file that is there, with what its source says about it. */
export interface ListedFile {
  readonly path: string
  readonly bytes?: number | undefined
  readonly sha256?: string | undefined
}

/** Those of the listed files that are wanted, in the order of the wishes; or the first wish that nothing fits. */
export function matchFiles(
  wanted: readonly WantedFile[],
  listed: readonly ListedFile[],
): {readonly files: readonly ListedFile[]} | {readonly missing: string} {
  const files: ListedFile[] = []
  for (const one of wanted) {
    const patterns = patternsOf(one)
    const matches = patterns
      .map((pattern) => listed.filter(({path}) => fitsPattern(path, pattern)))
      .find((found) => found.length > 0)
    if (matches === undefined) return {missing: patterns.join(' or ')}
    const known = typeof one === 'object' && 'path' in one ? one : {}
    files.push(
      ...[...matches].sort((a, b) => (a.path < b.path ? -1 : 1)).map((file) => ({...file, ...known})),
    )
  }
  return {files}
}

export function patternsOf(wanted: WantedFile): readonly string[] {
  if (typeof wanted === 'string') return [wanted]
  return 'path' in wanted ? [wanted.path] : wanted.firstOf
}
