import {SlmError} from '../errors.ts'

const MS_PER = {s: 1000, m: 60_000, h: 3_600_000} as const

/** Milliseconds of `90s`, `30m` or `1.5h`. `where`: the flag or key, for the complaint. */
export function parseDuration(where: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([smh])$/.exec(text.trim()) ?? []
  const value = Number(number) * MS_PER[unit as keyof typeof MS_PER] // the pattern allows no other unit
  if (!(value > 0))
    throw new SlmError('config-invalid', `${where} must be a time such as 90s, 30m or 8h, got ${text}`)
  return value
}
