import {z} from 'zod'
import type {Architecture} from '../engine/language-model.ts'
import {type EvalConfig, names, runSettings} from './eval-config.ts'

/** The built-in tasks: the whole comparison runs without network and without a download. */
const DEFAULT_TASKS = ['squad-mini', 'ielts-mini', 'codex', 'xsum-mini']

const ARCHITECTURES = ['enc-dec', 'dec-only'] as const satisfies readonly Architecture[]
const isArchitecture = (name: string): name is Architecture =>
  (ARCHITECTURES as readonly string[]).includes(name)
const ARCHS = `must be ${ARCHITECTURES.join(' or ')}, or both with a comma between`

/** One comparison. YAML keys and flags carry the same names; what decides the answers is as in `slm eval`. */
export const compareConfigSchema = z
  .strictObject({
    archs: names('architectures')
      .refine((list): list is Architecture[] => list.every(isArchitecture), {error: ARCHS})
      .default([...ARCHITECTURES])
      .describe('Architectures to compare: enc-dec, dec-only.'),
    models: names('models')
      .optional()
      .describe(
        'Checkpoints: folders, shipped names or hub ids; the shipped ones of these architectures when absent.',
      ),
    runs: names('run folders')
      .optional()
      .describe('Run folders to read; nothing is run then, and tasks and models only choose from them.'),
    bench: names('folders of slm bench')
      .optional()
      .describe(
        'Folders of `slm bench` to read; speed and memory are compared then, nothing is run, and `runs` put quality beside them.',
      ),
    published: z
      .boolean({error: 'must be true or false'})
      .default(false)
      .describe('Show the rows that the paper printed.'),
    judge: z
      .boolean({error: 'must be true or false'})
      .default(true)
      .describe('Whether the judge that ships with the program fills RG where no judge has scored a run.'),
    allowMixed: z
      .boolean({error: 'must be true or false'})
      .default(false)
      .describe(
        'Show rows whose task version, data, prompt or decoding differ, marked, instead of refusing them.',
      ),
    format: z
      .enum(['terminal', 'csv', 'markdown', 'latex', 'html', 'json'], {
        error: 'must be one of terminal, csv, markdown, latex, html, json',
      })
      .default('terminal')
      .describe('How the table is printed.'),
    out: z
      .string({error: 'must be a file or a folder'})
      .min(1, {error: 'must be a file or a folder'})
      .optional()
      .describe(
        'Also write the table here: a file in the format of its ending, or a folder with all formats.',
      ),
    results: z
      .string({error: 'must be a folder'})
      .min(1, {error: 'must be a folder'})
      .default('results')
      .describe('Where run folders are looked for and written.'),
    ...runSettings,
    tasks: runSettings.tasks.optional(),
  })
  .describe('One comparison for `slm compare --config`; flags of the same name win.')

export type CompareConfig = z.output<typeof compareConfigSchema>

/** The tasks of a comparison that runs. */
export function comparedTasks({tasks}: CompareConfig): readonly string[] {
  return tasks ?? DEFAULT_TASKS
}

/** The evaluation of one of its models: the same plan as `slm eval` would make of these settings. */
export function evaluationOf(config: CompareConfig, model: string): EvalConfig {
  const {
    archs: _,
    models: _models,
    runs: _runs,
    bench: _bench,
    judge: _judge,
    published: _published,
    allowMixed: _mixed,
    format: _format,
    out: _out,
    results: _results,
    ...settings
  } = config
  return {...settings, model, tasks: [...comparedTasks(config)]}
}
