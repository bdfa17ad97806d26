import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parse} from 'yaml'
import type {z} from 'zod'
import {digestOf} from '../config/canonical-json.ts'
import {
  type InjectionSuite,
  injectionSuiteSchema,
  type JudgeInstructions,
  type JudgeTask,
  judgeInstructionsSchema,
  judgeTaskSchema,
} from '../config/judge-prompts.ts'
import {SlmError} from '../errors.ts'

/** Everything that judges of one task are told. */
export interface JudgePrompts {
  readonly instructions: JudgeInstructions
  readonly task: JudgeTask
  /** `squad 1, instructions 1`. */
  readonly version: string
  /** Over every word of both. */
  readonly digest: string
}

/** The same place beside `src/` and beside `dist/`. */
function judgeFolder(): string {
  return fileURLToPath(new URL('../../configs/judge', import.meta.url))
}

/** Prompts for a task: of the file that names it, else of `any.yaml`; or of the user's own file. */
export async function loadJudgePrompts(task: string, ownFile?: string): Promise<JudgePrompts> {
  const instructions = await read(join(judgeFolder(), 'instructions.yaml'), judgeInstructionsSchema)
  const chosen = ownFile === undefined ? await shippedFor(task) : await read(ownFile, judgeTaskSchema)
  return {
    instructions,
    task: chosen,
    version: `${chosen.name} ${chosen.version}, instructions ${instructions.version}`,
    digest: digestOf({instructions, task: chosen}),
  }
}

/** The attacks that a judge is tried with. */
export async function loadInjections(): Promise<InjectionSuite> {
  return read(join(judgeFolder(), 'injections.yaml'), injectionSuiteSchema)
}

async function shippedFor(task: string): Promise<JudgeTask> {
  const folder = join(judgeFolder(), 'tasks')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
  const all = await Promise.all(files.map((name) => read(join(folder, name), judgeTaskSchema)))
  const named = all.find(({tasks}) => tasks.includes(task)) ?? all.find(({tasks}) => tasks.length === 0)
  if (named === undefined) throw new SlmError('judge-prompts', `no judge prompts are shipped for ${task}`)
  return named
}

async function read<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  const refuse = (what: string): SlmError =>
    new SlmError('judge-prompts', `${file}: ${what}`, {
      hint: 'configs/judge/task.schema.json lets an editor check it; copy configs/judge/tasks/any.yaml to begin.',
    })
  const text = await readFile(file, 'utf8').catch(() => {
    throw refuse('cannot be read')
  })
  let value: unknown
  try {
    value = parse(text)
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message.split('\n', 1)[0]! : String(cause))
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw refuse(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is not valid'}`)
}
