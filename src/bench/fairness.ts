import type {Subject} from './subjects.ts'

/** Parameters may differ by this share. */
const PARAMETER_SHARE = 0.01

/**
 * Everything in which the models are not equal and that moves their speed, a sentence each; none for a comparison that is
 * fair as it stands. Tokens in and out, batch and repeats are equal by construction.
 */
export function unequalParts(subjects: readonly Subject[]): string[] {
  return [
    ...parameterLines(subjects),
    ...dtypeLines(subjects),
    ...listed('threads', subjects, ({description}) => String(description.facts.threads)),
    ...listed('vocabulary', subjects, ({description}) => String(description.facts.vocabulary)),
    ...listed('program', subjects, ({program}) => program),
  ]
}

function parameterLines(subjects: readonly Subject[]): string[] {
  const unknown = subjects.filter(({description}) => description.parameters === undefined)
  const counts = subjects.flatMap(({description}) => description.parameters ?? [])
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const missing = unknown.map(({label}) => `parameters of ${label} cannot be counted`)
  if (counts.length < 2 || most <= least * (1 + PARAMETER_SHARE)) return missing
  const each = subjects.flatMap(({label, description}) =>
    description.parameters === undefined
      ? []
      : [`${label} ${description.parameters.toLocaleString('en-US')}`],
  )
  const percent = (100 * (most / least - 1)).toFixed(1)
  return [...missing, `parameters differ by ${percent}%, more than 1%: ${each.join(', ')}`]
}

/** Models that were measured in several dtypes each are compared within each of them. */
function dtypeLines(subjects: readonly Subject[]): string[] {
  const counts = new Map<string, number>()
  for (const {description} of subjects)
    counts.set(description.facts.dtype, (counts.get(description.facts.dtype) ?? 0) + 1)
  const isAlone = [...counts.values()].includes(1)
  return isAlone ? listed('dtype', subjects, ({description}) => description.facts.dtype) : []
}

function listed(what: string, subjects: readonly Subject[], value: (subject: Subject) => string): string[] {
  const values = new Set(subjects.map(value))
  if (values.size < 2) return []
  return [`${what} differs: ${subjects.map((subject) => `${subject.label} ${value(subject)}`).join(', ')}`]
}
