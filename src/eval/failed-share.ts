import type {RunSummary, TaskSummary} from '../store/run-summary.ts'

/** Tasks of which a larger share of samples failed than is allowed. */
export function tasksOverFailedShare({tasks}: RunSummary, maxFailedShare: number): readonly TaskSummary[] {
  return tasks.filter(({failed, planned}) => failed.total > maxFailedShare * planned)
}
