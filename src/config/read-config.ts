import type {z} from 'zod'
import {SlmError} from '../errors.ts'
import {nearestName} from './nearest-name.ts'
import {readYamlFile, type YamlFile} from './yaml-file.ts'

/** Where a setting came from: `--batch-size`, `configs/x.yaml:7`, or `default`. */
export type Origins = Readonly<Record<string, string>>

export interface Configured<Value> {
  /** Checked and frozen through and through. */
  readonly value: Value
  readonly origins: Origins
}

export interface ConfigSources {
  /** A YAML file, when one was given. */
  readonly file?: string | undefined
  /** Flags by configuration key (`batchSize`); undefined ones were not given. */
  readonly flags: Readonly<Record<string, unknown>>
}

/** YAML and flags meet here: flags win, unknown keys are refused by name, and every complaint says where it stands. */
export async function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  sources: ConfigSources,
): Promise<Configured<z.output<Schema>>> {
  const yaml = sources.file === undefined ? undefined : await readYamlFile(sources.file)
  const flags = Object.fromEntries(Object.entries(sources.flags).filter(([, value]) => value !== undefined))
  const merged = {...yaml?.value, ...flags}
  const known = Object.keys(schema.shape)
  const checked = schema.safeParse(merged)
  if (!checked.success) throw complaint(checked.error.issues, merged, known, {yaml, flags})
  const origins = Object.fromEntries(
    known
      .filter((key) => (checked.data as Record<string, unknown>)[key] !== undefined) // a ZodObject yields an object
      .map((key) => [key, originOf(key, {yaml, flags})]),
  )
  return {value: frozen(checked.data), origins}
}

interface Layers {
  readonly yaml: YamlFile | undefined
  readonly flags: Readonly<Record<string, unknown>>
}

function originOf(key: string, {yaml, flags}: Layers): string {
  if (key in flags) return flagOf(key)
  return yaml !== undefined && key in yaml.value ? `${yaml.file}:${yaml.lineOf([key])}` : 'default'
}

/** `batchSize` is `--batch-size` on the command line; lists have singular flags. */
export function flagOf(key: string): string {
  const name = key === 'tasks' ? 'task' : key
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function complaint(
  issues: readonly z.core.$ZodIssue[],
  merged: Readonly<Record<string, unknown>>,
  known: readonly string[],
  layers: Layers,
): SlmError {
  const issue = issues[0]
  const more = issues.length > 1 ? `Mend this first; ${issues.length - 1} more follow.` : undefined
  if (issue === undefined) return new SlmError('config-invalid', 'the configuration is not valid')
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    const meant = nearestName(key, known)
    const line =
      layers.yaml === undefined ? key : `${layers.yaml.file}:${layers.yaml.lineOf([...issue.path, key])}`
    return new SlmError('config-unknown-key', `${line}: unknown key ${key}`, {
      hint: meant === undefined ? `Known keys: ${known.join(', ')}.` : `Did you mean ${meant}?`,
    })
  }
  const [key = ''] = issue.path.map(String)
  const value = issue.path.reduce<unknown>(
    (part, name) => (part as Record<PropertyKey, unknown>)?.[name],
    merged,
  )
  const fromFlag = key in layers.flags || layers.yaml === undefined
  const where = fromFlag
    ? flagOf(key)
    : `${layers.yaml.file}:${layers.yaml.lineOf(issue.path)}: ${issue.path.join('.')}`
  const got = value === undefined ? '' : `, got ${shown(value)}`
  return new SlmError(
    'config-invalid',
    `${where} ${value === undefined ? `is missing: it ${issue.message}` : issue.message}${got}`,
    {
      ...(more === undefined ? {} : {hint: more}),
    },
  )
}

function shown(value: unknown): string {
  if (typeof value === 'string') {
    // A name and password in an address, and its query, are secrets more often than not.
    const text = value
      .replace(/\/\/[^/@\s]*@/, '//[hidden]@')
      .replace(/^(https?:[^?\s]*)\?.*$/, '$1?[hidden]')
    return text === '' || /\s/.test(text) ? JSON.stringify(text) : text
  }
  const json = JSON.stringify(value) ?? String(value)
  return json.length > 80 ? `${json.slice(0, 77)}...` : json
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) frozen(part)
    Object.freeze(value)
  }
  return value
}
