import {cellText, intervalText} from './cell.ts'
import type {GridCell} from './page.ts'
import type {ScoreCell} from './score-table.ts'

/** The paper's `RL/RG`, with the interval of RL under it; a star marks a cell whose conditions are not its column's. */
export function scoreText({rl, rg, isMixed}: ScoreCell): GridCell {
  const text = rl.kind === 'missing' ? rl.short : `${cellText(rl)}/${cellText(rg)}`
  const detail = intervalText(rl)
  return {text: isMixed ? `${text}*` : text, ...(detail === undefined ? {} : {detail})}
}
