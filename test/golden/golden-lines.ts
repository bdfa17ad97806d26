import {readFileSync} from 'node:fs'

/** Pairs of a reference program, one JSON object a line; `README.md` beside this file says what made them. */
export function goldenLines<Line>(name: string): Line[] {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}
