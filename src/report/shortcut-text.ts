import type {ShortcutReport} from './comparison.ts'
import type {Section} from './page.ts'
import {SHARED_METRIC, type ShortcutVerdict} from './shortcut-verdicts.ts'

/** One sentence for each row, task and metric, and what a task's scores may be called. */
export function shortcutSections({verdicts}: ShortcutReport): Section[] {
  if (verdicts.length === 0) return []
  const lines = [
    ...groupsOf(verdicts).map(sentenceOf),
    ...[...new Set(verdicts.filter(({metric}) => metric === SHARED_METRIC).map(({task}) => task))].map(
      (task) => nameOfTask(task, verdicts),
    ),
  ]
  return [{kind: 'lines', title: 'Do the models beat the shortcuts?', lines}]
}

function groupsOf(verdicts: readonly ShortcutVerdict[]): ShortcutVerdict[][] {
  const groups = new Map<string, ShortcutVerdict[]>()
  for (const verdict of verdicts) {
    const key = JSON.stringify([verdict.task, verdict.row, verdict.metric])
    groups.set(key, [...(groups.get(key) ?? []), verdict])
  }
  return [...groups.values()]
}

function sentenceOf(group: readonly ShortcutVerdict[]): string {
  const {task, row, metric} = group[0]!
  const listed = (isWanted: (verdict: ShortcutVerdict) => boolean, word: string): string[] => {
    const part = group.filter(isWanted).map(partOf)
    return part.length === 0 ? [] : [`${word} ${part.join(', ')}`]
  }
  const parts = [
    ...listed(({outcome}) => outcome.kind === 'tested' && outcome.isBeaten, 'beats'),
    ...listed(({outcome}) => outcome.kind === 'tested' && !outcome.isBeaten, 'does not beat'),
    ...listed(({outcome}) => outcome.kind === 'missing', 'not compared with'),
  ]
  const where = metric === SHARED_METRIC ? `${task}, EM where only the right subject answers` : task
  return `${where}: ${row} ${parts.join('; ')}`
}

function partOf({policy, metric, outcome}: ShortcutVerdict): string {
  if (outcome.kind === 'missing') return `${policy} (${outcome.short})`
  const digits = metric === SHARED_METRIC ? 1 : 3
  const {value, low, high, count} = outcome.estimate
  const fixed = (number: number): string => number.toFixed(digits).replace(/^-(0\.?0*)$/, '$1')
  const sign = value > 0 ? '+' : ''
  return `${policy} (${sign}${fixed(value)} [${fixed(low)}, ${fixed(high)}], n=${count})`
}

/** Only who beats every shortcut where the subject decides may be said to answer questions. */
function nameOfTask(task: string, verdicts: readonly ShortcutVerdict[]): string {
  const here = verdicts.filter((verdict) => verdict.task === task && verdict.metric === SHARED_METRIC)
  const rows = [...new Set(here.map(({row}) => row))]
  const beating = rows.filter((row) =>
    here.every(
      (verdict) => verdict.row !== row || (verdict.outcome.kind === 'tested' && verdict.outcome.isBeaten),
    ),
  )
  return beating.length === 0
    ? `${task}: no model beats every shortcut where only the right subject answers, so its scores measure finding and copying; they are not question answering`
    : `${task}: every shortcut is beaten where only the right subject answers by ${beating.join(', ')}${
        beating.length < rows.length ? '; the scores of the others are not question answering' : ''
      }`
}
