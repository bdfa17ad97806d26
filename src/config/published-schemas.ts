import {z} from 'zod'
import {taskSchema} from '../tasks/task-schema.ts'
import {benchConfigSchema} from './bench-config.ts'
import {compareConfigSchema} from './compare-config.ts'
import {evalConfigSchema} from './eval-config.ts'
import {gatePolicySchema} from './gate-policy.ts'
import {judgeConfigSchema} from './judge-config.ts'
import {injectionSuiteSchema, judgeInstructionsSchema, judgeTaskSchema} from './judge-prompts.ts'
import {reproduceConfigSchema} from './reproduce-config.ts'
import {trainConfigSchema} from './train-config.ts'

/** Schemas by the file under `configs/` that publishes each, so that an editor completes and checks the YAML beside it. */
const PUBLISHED = {
  'eval.schema.json': evalConfigSchema,
  'compare.schema.json': compareConfigSchema,
  'bench/bench.schema.json': benchConfigSchema,
  'gate/policy.schema.json': gatePolicySchema,
  'tasks/task.schema.json': taskSchema,
  'train/train.schema.json': trainConfigSchema,
  'reproduce/reproduce.schema.json': reproduceConfigSchema,
  'judge.schema.json': judgeConfigSchema,
  'judge/injections.schema.json': injectionSuiteSchema,
  'judge/instructions.schema.json': judgeInstructionsSchema,
  'judge/task.schema.json': judgeTaskSchema,
}

/** File name to its text: JSON Schema of what a person may write, before defaults are filled in. */
export function publishedSchemas(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(PUBLISHED).map(([file, schema]) => [
      file,
      `${JSON.stringify(z.toJSONSchema(schema, {io: 'input'}), null, 2)}\n`,
    ]),
  )
}
