import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {parse} from 'yaml'
import {z} from 'zod'
import {missing} from './cell.ts'
import type {DetailGroup} from './comparison.ts'

const published = z.strictObject({
  source: z.string(),
  note: z.string(),
  tasks: z.record(
    z.string(),
    z.array(z.strictObject({name: z.string(), bleu: z.number(), accuracy: z.number()})),
  ),
})

/** Scores of other people's systems on a public task, as they printed them. */
export interface PublishedBaselines {
  readonly source: string
  readonly note: string
  /** Tasks that have any. */
  readonly tasks: readonly string[]
  readonly rowsOf: (task: string, metrics: readonly string[]) => DetailGroup['rows']
}

/** CodeXGLUE's own results, read from configs/published/codexglue.yaml. */
export function readPublishedBaselines(): PublishedBaselines {
  const file = fileURLToPath(new URL('../../configs/published/codexglue.yaml', import.meta.url))
  const {source, note, tasks} = published.parse(parse(readFileSync(file, 'utf8')))
  return {
    source,
    note,
    tasks: Object.keys(tasks),
    rowsOf: (task, metrics) =>
      (tasks[task] ?? []).map(({name, ...values}) => {
        const printed = new Map(Object.entries(values))
        return {
          name: `${name}, published`,
          source: 'published',
          cells: metrics.map((metric) => {
            const value = printed.get(metric)
            if (value !== undefined) return {kind: 'number', value} as const
            return missing(
              'not comparable',
              `${metric} of ${name} is not printed, or not comparable with ours`,
            )
          }),
        }
      }),
  }
}
