import {createHash} from 'node:crypto'

/** JSON with sorted keys, no spaces and no absent values: equal values give equal bytes whatever order they were built in. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value))
}

/** sha256 of the canonical JSON, in hexadecimal: what names a plan, a prompt, a part of a manifest. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, part]) => [key, sorted(part)]),
  )
}
