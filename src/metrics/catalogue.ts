import {SlmError} from '../errors.ts'
import type {Metric} from './metric.ts'
import type {RougeScorer} from './rouge-metric.ts'
import type {SquadSubset} from './squad-metric.ts'

/** Each metric by its id, opened only when it is asked for: naming metrics loads none. */
const CATALOGUE: Readonly<Record<string, () => Promise<Metric>>> = {
  ...rougeVariants('rouge1', async () => {
    const {rougeN} = await import('./rouge-n.ts')
    return (prediction, reference, stem) => rougeN(prediction, reference, 1, stem)
  }),
  ...rougeVariants('rouge2', async () => {
    const {rougeN} = await import('./rouge-n.ts')
    return (prediction, reference, stem) => rougeN(prediction, reference, 2, stem)
  }),
  ...rougeVariants('rougeL', async () => (await import('./rouge-l.ts')).rougeL),
  ...rougeVariants('rougeLsum', async () => (await import('./rouge-lsum.ts')).rougeLsum),
  exact: () => squad('exact', 'all'),
  f1: () => squad('f1', 'all'),
  'hasAns-exact': () => squad('exact', 'hasAns'),
  'hasAns-f1': () => squad('f1', 'hasAns'),
  'noAns-exact': () => squad('exact', 'noAns'),
  'noAns-f1': () => squad('f1', 'noAns'),
  /** Of rows whose task has `columns.kind`. */
  'shared-exact': () => squad('exact', 'shared'),
  bleu: async () => (await import('./bleu.ts')).bleu,
  accuracy: async () => (await import('./accuracy.ts')).accuracy,
  /** Of C#, the language that CodeXGLUE's first direction writes. */
  codeBleu: async () => (await import('./code-bleu/code-bleu.ts')).codeBleu('c-sharp'),
  'codeBleu-java': async () => (await import('./code-bleu/code-bleu.ts')).codeBleu('java'),
}

/** All ids, in the order in which lists show them. */
export const METRIC_IDS: readonly string[] = Object.keys(CATALOGUE)

/** Opens a metric; refuses a name that is not in the catalogue. */
export async function metricById(id: string): Promise<Metric> {
  const open = Object.hasOwn(CATALOGUE, id) ? CATALOGUE[id] : undefined
  if (open === undefined)
    throw new SlmError('metric-unknown', `there is no metric "${id}"`, {
      hint: `Metrics are: ${METRIC_IDS.join(', ')}.`,
    })
  return open()
}

function rougeVariants(
  name: string,
  scorer: () => Promise<RougeScorer>,
): Readonly<Record<string, () => Promise<Metric>>> {
  const variant = async (stem: boolean): Promise<Metric> => {
    const {rougeMetric} = await import('./rouge-metric.ts')
    return rougeMetric(name, await scorer(), stem)
  }
  return {[name]: () => variant(false), [`${name}-stem`]: () => variant(true)}
}

async function squad(name: 'exact' | 'f1', subset: SquadSubset): Promise<Metric> {
  const {squadMetric} = await import('./squad-metric.ts')
  if (name === 'exact') return squadMetric(name, subset, (await import('./squad-exact.ts')).squadExact)
  return squadMetric(name, subset, (await import('./squad-f1.ts')).squadF1)
}
