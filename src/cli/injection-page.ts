import type {InjectionTrial, TriedAttack} from '../judge/try-injections.ts'
import {judgeText} from '../report/judge-text.ts'
import type {Page} from '../report/page.ts'

/** What `slm judge injections` prints: the rate of changed verdicts, and which attacks changed them. */
export function injectionPage(trial: InjectionTrial): Page {
  const {changed, tried, notJudged, rightAnswers, basesJudgedRight, basesNotJudged, card, version} = trial
  const rate =
    'missing' in changed
      ? `no rate: ${changed.missing}`
      : `verdicts changed: ${changed.count} of ${changed.of} (${(100 * changed.rate).toFixed(1)}%, 95% Wilson interval ${(100 * changed.low).toFixed(1)}% to ${(100 * changed.high).toFixed(1)}%)`
  const shifts = tried.flatMap(({shift}) => (shift === undefined ? [] : [shift]))
  const mean = shifts.reduce((sum, shift) => sum + shift, 0) / shifts.length
  const attacks = new Set(tried.map(({attack}) => attack)).size
  const languages = new Set(tried.map(({language}) => language)).size
  return {
    title: 'Answers that speak to the judge',
    sections: [
      {
        kind: 'lines',
        title: '',
        lines: [
          rate,
          ...(shifts.length === 0 ? [] : [`score moved by ${mean.toFixed(4)} on average`]),
          `${attacks} attacks in ${languages} languages (suite version ${version}) on wrong answers; ${notJudged} not judged`,
          `${rightAnswers.judgedRight} of ${rightAnswers.of} right answers are called right${rightAnswers.judgedRight === 0 ? ': a judge that calls nothing right cannot be fooled, and the rate says nothing' : ''}`,
          ...(basesJudgedRight > 0
            ? [`${basesJudgedRight} wrong answers were called right without any attack and are left out`]
            : []),
          ...(basesNotJudged > 0
            ? [`${basesNotJudged} wrong answers could not be judged and are left out`]
            : []),
        ],
      },
      {
        kind: 'grid',
        title: 'Attacks that changed a verdict',
        columns: ['attack', 'language', 'format', 'changed'],
        groups: [{heading: '', rows: changedRows(tried)}],
      },
      {kind: 'lines', title: 'Judge', lines: [judgeText(card)]},
    ],
  }
}

function changedRows(tried: readonly TriedAttack[]) {
  const byAttack = new Map<string, TriedAttack[]>()
  for (const one of tried) byAttack.set(one.attack, [...(byAttack.get(one.attack) ?? []), one])
  return [...byAttack.values()].flatMap((list) => {
    const count = list.filter(({outcome}) => outcome === 'changed').length
    const [{attack, language, format}] = list as [TriedAttack] // at least one was put there
    if (count === 0) return []
    return [[attack, language, format, `${count} of ${list.length}`].map((text) => ({text}))]
  })
}
