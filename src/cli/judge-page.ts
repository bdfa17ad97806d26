import type {JudgedRun} from '../judge/judge-run.ts'
import type {JudgedRuns, JudgingEstimate} from '../judge/judge-runs.ts'
import type {JudgedTask} from '../judge/summarize-judgements.ts'
import {judgeText, trustText} from '../report/judge-text.ts'
import type {Grid, GridCell, Page} from '../report/page.ts'

/** What `slm judge` prints: a row for each task and method, then who judged, and what it took. */
export function judgePage(judged: JudgedRuns): Page {
  const grid: Grid = {
    kind: 'grid',
    title: '',
    columns: [
      'task, method',
      'score',
      '95% interval',
      'judged',
      'failures as 0',
      'by rule',
      'spread of votes',
    ],
    groups: judged.runs.map((run) => ({
      heading: run.folder,
      rows: run.tasks.map((task) => taskCells(run, task)),
    })),
  }
  return {
    title: 'Judged',
    sections: [
      grid,
      {
        kind: 'lines',
        title: 'Judges',
        lines: [...new Set(judged.runs.flatMap(({card}) => [judgeText(card), trustText(card) ?? []].flat()))],
      },
      {kind: 'lines', title: 'Notes', lines: [...judged.runs.flatMap(runNotes), spentText(judged)]},
    ],
  }
}

function taskCells({card}: JudgedRun, task: JudgedTask): GridCell[] {
  const {score, failuresAsZero, voteSpread} = task
  const texts =
    'missing' in score
      ? ['none', score.missing]
      : [score.value.toFixed(4), `[${score.low.toFixed(4)}, ${score.high.toFixed(4)}]`]
  const asZero = typeof failuresAsZero === 'number' ? failuresAsZero.toFixed(4) : 'none'
  return [
    `${task.task}, ${card.method}`,
    ...texts,
    `${task.judged} of ${task.samples}`,
    asZero,
    String(task.byRule),
    voteSpread === undefined ? 'one vote' : voteSpread.toFixed(4),
  ].map((text) => ({text}))
}

/** What was not judged, by its state. */
function runNotes({tasks, card}: JudgedRun): string[] {
  return tasks.flatMap((task) => {
    const states = Object.entries(task.notJudged).filter(([, count]) => count > 0)
    const parts = [
      ...states.map(([state, count]) => `${count} ${state}`),
      ...(task.notAsked > 0 ? [`${task.notAsked} not asked`] : []),
    ]
    return parts.length === 0 ? [] : [`${task.task}, ${card.method}: not judged: ${parts.join(', ')}`]
  })
}

function spentText({spent, replies}: JudgedRuns): string {
  const cost = spent.cost === undefined ? '' : `, cost ${spent.cost.toFixed(4)}`
  return `${spent.calls} requests, ${replies.fresh} new replies, ${replies.cached} from the cache; ${spent.promptTokens} prompt and ${spent.completionTokens} reply tokens${cost}`
}

/** What `slm judge --dry-run` prints. */
export function estimatePage(estimate: JudgingEstimate): Page {
  const {samples, calls, cached, promptTokens, completionTokens, cost, isLocal} = estimate
  const priced =
    cost === undefined
      ? 'cost: give --price-in and --price-out, the prices of a million tokens'
      : `cost about ${cost.toFixed(4)}`
  return {
    title: 'Nothing was asked',
    sections: [
      {
        kind: 'lines',
        title: '',
        lines: [
          `${samples} samples: ${calls} ${isLocal ? 'questions to a judge on this machine' : 'requests'}, and ${cached} replies from the cache`,
          `about ${promptTokens} prompt tokens and ${completionTokens} reply tokens, estimated from the texts`,
          isLocal ? 'cost: none, nothing is sent to a server' : priced,
        ],
      },
    ],
  }
}
