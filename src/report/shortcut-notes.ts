import type {PublishedBaselines} from './published-baselines.ts'
import type {TaskShortcuts} from './shortcut-readings.ts'
import {SHARED_METRIC} from './shortcut-verdicts.ts'

/** What a reader must know about the policies; nothing where no task has any. */
export function shortcutNotes(
  shortcuts: readonly TaskShortcuts[],
  published: PublishedBaselines | undefined,
): string[] {
  if (shortcuts.length === 0) return []
  const computed = shortcuts.filter(({policies}) => policies.length > 0)
  const policies = computed.flatMap((one) => one.policies)
  return [
    ...(computed.length === 0
      ? []
      : [
          'Shortcuts are policies that answer without doing the task, computed from the task’s rows and scored by the same metrics; who guesses among several texts gets the mean over them. A shortcut is beaten when the 95% paired bootstrap interval of the difference lies above 0 (each by itself, without correction)',
        ]),
    ...(policies.some(({isCeiling}) => isCeiling)
      ? [
          'A ceiling is another right answer that the generator of the data gives for the same content: it is there to be reached, not to be beaten',
        ]
      : []),
    ...(computed.some(({metrics}) => metrics.some(({id}) => id === SHARED_METRIC))
      ? [
          `${SHARED_METRIC} is exact match over the questions whose relation the passage says of several subjects: only the right subject has the right answer`,
        ]
      : []),
    ...whyNone(shortcuts),
    ...shortcuts.flatMap(({task, policies: own}) =>
      own.flatMap(({title, scores}) =>
        scores.kind === 'missing' ? [`${task}, ${title}: not computed, ${scores.why}`] : [],
      ),
    ),
    ...(published !== undefined && shortcuts.some(({task}) => published.tasks.includes(task))
      ? [`Published results of other systems: ${published.source}; ${published.note}`]
      : []),
  ]
}

/** One note for each reason, with its tasks. */
function whyNone(shortcuts: readonly TaskShortcuts[]): string[] {
  const tasksByReason = new Map<string, string[]>()
  for (const {task, whyMissing} of shortcuts)
    if (whyMissing !== undefined)
      tasksByReason.set(whyMissing, [...(tasksByReason.get(whyMissing) ?? []), task])
  return [...tasksByReason].map(([why, tasks]) => `${tasks.join(', ')}: no shortcuts computed, ${why}`)
}
