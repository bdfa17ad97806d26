import {readdir, readFile, stat} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parse} from 'yaml'
import {SlmError} from '../errors.ts'
import type {Task} from './task.ts'
import {type TaskDefinition, taskSchema} from './task-schema.ts'
import {parseTemplate} from './template.ts'

const LARGEST_YAML_BYTES = 2 ** 20

/** Folder of the tasks that come with the program: the same place beside `src/` and beside `dist/`. */
export function shippedTaskFolder(): string {
  return fileURLToPath(new URL('../../configs/tasks', import.meta.url))
}

/** Names of the tasks that come with the program, sorted. */
export async function taskNames(folder = shippedTaskFolder()): Promise<string[]> {
  const files = await readdir(folder)
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()
}

/** Loads a shipped task by its name, or anybody's by the path of its YAML. */
export async function loadTask(nameOrPath: string): Promise<Task> {
  if (/\.ya?ml$/.test(nameOrPath)) return readTask(resolve(nameOrPath), nameOrPath)
  const names = await taskNames()
  if (names.includes(nameOrPath)) return readTask(join(shippedTaskFolder(), `${nameOrPath}.yaml`), nameOrPath)
  throw new SlmError('task-unknown', `there is no task "${nameOrPath}"`, {
    hint: `Name one of ${names.join(', ')}, or the path of a task's .yaml file.`,
  })
}

async function readTask(path: string, named: string): Promise<Task> {
  const definition = checked(named, await yamlAt(path, named))
  checkTemplates(named, definition)
  return {...definition, folder: dirname(path)}
}

async function yamlAt(path: string, named: string): Promise<unknown> {
  const {size} = await stat(path).catch((cause: unknown) => {
    throw new SlmError('task-missing', `the task file ${named} cannot be read`, {
      hint: 'Check the path; `slm task list` shows the tasks that come with the program.',
      cause,
    })
  })
  if (size > LARGEST_YAML_BYTES) throw invalid(named, `has ${size} bytes, which no task needs`)
  try {
    return parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw invalid(named, cause instanceof Error ? cause.message.split('\n', 1)[0]! : String(cause))
  }
}

function checked(named: string, value: unknown): TaskDefinition {
  const result = taskSchema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues
    .slice(0, 3)
    .map(({path, message}) => `${path.join('.') || 'the file'}: ${message}`)
  throw invalid(named, issues.join('; '))
}

/** Every field of a template has a column, and the field that may be cut stands in the template. */
function checkTemplates(named: string, {prompt, columns}: TaskDefinition): void {
  const templates = [prompt.template, prompt.templateFor['enc-dec'], prompt.templateFor['dec-only']]
  for (const template of templates.filter((one) => one !== undefined)) {
    const fields = parseTemplate(template).flatMap((part) => ('field' in part ? [part.field] : []))
    const unknown = fields.find((field) => !Object.hasOwn(columns.fields, field))
    if (unknown !== undefined) throw invalid(named, `prompt.template: {${unknown}} is none of columns.fields`)
    if (fields.filter((field) => field === prompt.truncate.field).length !== 1)
      throw invalid(
        named,
        `prompt.truncate.field: {${prompt.truncate.field}} must stand in the template once`,
      )
  }
}

function invalid(named: string, what: string): SlmError {
  return new SlmError('task-invalid', `${named}: ${what}`, {
    hint: 'docs/design/tasks.md describes every key; configs/tasks/task.schema.json lets an editor check them.',
  })
}
