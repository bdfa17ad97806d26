const UNITS: Readonly<Record<string, number>> = {h: 3600, m: 60, min: 60, s: 1}

/** Seconds of `8h`, `90min`, `30m` or `45s`, which the configuration has checked. */
export function budgetSeconds(text: string): number {
  const [, count = '0', unit = 's'] = /^([\d.]+)(h|min|m|s)$/.exec(text) ?? []
  return Number(count) * (UNITS[unit] ?? 1)
}
