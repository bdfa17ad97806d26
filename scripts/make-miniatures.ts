/**
 * Writes the miniatures: `node --import tsx scripts/make-miniatures.ts [--rows n] [--seed s] [--out DIR] [--task NAME]`.
 * Without arguments it writes the files that the repository carries, byte for byte.
 */

import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {writeMiniatures} from '../src/data/miniature/write-miniatures.ts'

const {values} = parseArgs({
  options: {
    rows: {type: 'string'},
    seed: {type: 'string'},
    out: {type: 'string'},
    task: {type: 'string', multiple: true},
  },
})
const count = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Error(`${text} is not a count`)
}
const paths = await writeMiniatures({
  out: values.out ?? fileURLToPath(new URL('../data/miniature', import.meta.url)),
  seed: count(values.seed),
  rows: count(values.rows),
  names: values.task,
})
console.log(paths.join('\n'))
