import {SlmError} from '../../errors.ts'
import type {Split} from './plan.ts'

const UNITS: Readonly<Record<string, number>> = {'': 1, k: 1e3, m: 1e6, b: 1e9, g: 1e9}

/** `330M`, `1B`, `500k` or `160000`, as a number of parameters. */
export function parseParameterCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kmbg]?)$/i.exec(text.trim())
  const count = Math.round(Number(match?.[1]) * (UNITS[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN))
  if (!match || !(count > 0))
    throw new SlmError('size-unreadable', `${text} is not a number of parameters`, {
      hint: 'Write for example 330M, 1B or 160k.',
    })
  return count
}

/** `2/3-1/3`: the parts of the layers in encoder and decoder. Both have the same denominator, which they add up to. */
export function parseSplit(text: string): Split {
  const match = /^(\d+)\/(\d+)-(\d+)\/(\d+)$/.exec(text.trim())
  const [encoder = 0, whole = 0, decoder = 0, other = 0] = (match?.slice(1) ?? []).map(Number)
  if (!match || encoder < 1 || decoder < 1 || whole !== other || encoder + decoder !== whole || whole > 100)
    throw new SlmError('split-unreadable', `${text} is not a split of layers between encoder and decoder`, {
      hint: 'Write for example 2/3-1/3, 1/2-1/2 or 1/3-2/3.',
    })
  return {encoder, decoder}
}
