import type {TrainingLogLine} from './training-log.ts'

const WIDTH = 640
const HEIGHT = 320
const LEFT = 56
const RIGHT = 16
const TOP = 28
const BOTTOM = 40
const TICKS = 5

/** The loss of an answer's token over the steps, smoothed in training and as evaluated, as an SVG. Equal lines give equal bytes. */
export function lossCurve(lines: readonly TrainingLogLine[], title: string): string {
  const training = lines.flatMap((line) =>
    line.kind === 'step' ? [{x: line.step, y: line.smoothedLoss}] : [],
  )
  const evaluated = lines.flatMap((line) =>
    line.kind === 'evaluation' ? [{x: line.step, y: line.loss}] : [],
  )
  const all = [...training, ...evaluated]
  const lastStep = Math.max(1, ...all.map(({x}) => x))
  const highest = Math.max(1e-9, ...all.map(({y}) => y))
  const x = (step: number): string => (LEFT + (step / lastStep) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const y = (loss: number): string =>
    (HEIGHT - BOTTOM - (loss / highest) * (HEIGHT - TOP - BOTTOM)).toFixed(1)
  const path = training.map((point, at) => `${at === 0 ? 'M' : 'L'}${x(point.x)} ${y(point.y)}`).join('')
  const ticks = Array.from({length: TICKS}, (_, at) => at / (TICKS - 1))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="16">${escaped(title)}</text>`,
    ...ticks.map(
      (part) =>
        `<path d="M${LEFT} ${y(part * highest)}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 6}" y="${y(part * highest)}" dy="4" text-anchor="end">${(part * highest).toFixed(2)}</text>`,
    ),
    ...ticks.map(
      (part) =>
        `<text x="${x(part * lastStep)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${Math.round(part * lastStep)}</text>`,
    ),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">step; line: training loss of an answer's token (nats), smoothed; dots: evaluation</text>`,
    `<path d="${path}" fill="none" stroke="#0b62a4" stroke-width="1.5"/>`,
    ...evaluated.map((point) => `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="3.5" fill="#b4451f"/>`),
    '</svg>\n',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
