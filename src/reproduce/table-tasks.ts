import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {loadTask} from '../tasks/load-task.ts'
import type {TableTask} from './reproduction-page.ts'

/** The paper's order of columns, for its tasks and their miniatures. */
const PAPER_ORDER = ['squad', 'ielts', 'codex', 'xsum']

/** The tasks of the configuration with their metrics, in the order of the paper's columns; others follow. */
export async function tableTasks({tasks}: ReproduceConfig): Promise<readonly TableTask[]> {
  const loaded = await Promise.all(tasks.map((task) => loadTask(task)))
  const placeOf = (name: string): number => {
    const place = PAPER_ORDER.findIndex((known) => name === known || name.startsWith(`${known}-`))
    return place < 0 ? PAPER_ORDER.length : place
  }
  return loaded
    .map(({name, metrics}) => ({name, metrics}))
    .toSorted((a, b) => placeOf(a.name) - placeOf(b.name))
}
