import {z} from 'zod'
import {METRIC_IDS} from '../metrics/catalogue.ts'
import {EXTRACT_RULE} from './extract-rule.ts'
import {SHORTCUT} from './shortcut-schema.ts'

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/
const name = (what: string) =>
  z.string().regex(NAME, {error: `must be ${what} in lower case, such as xsum-mini`})
const text = (error: string) => z.string({error}).min(1, {error})

/** A path inside a folder that is fixed elsewhere: never absolute, never upwards. `*` stands for any characters. */
const innerPath = text('must be a file name').refine(
  (path) => !/^([/\\]|[a-z]:)/i.test(path) && !path.split(/[/\\]/).includes('..') && !path.includes('\u0000'),
  {error: 'must stay inside its folder: no "..", no absolute path'},
)

const splitFile = z.union([
  innerPath.describe('A file, or a pattern with * that must match at least one.'),
  z.strictObject({
    path: innerPath,
    bytes: z.int().nonnegative().optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, {error: 'must be 64 hexadecimal digits'})
      .optional(),
  }),
  z
    .strictObject({firstOf: z.array(innerPath).min(1)})
    .describe('Patterns in order of preference: the first that matches anything is used.'),
])

const splits = {
  splits: z
    .record(name('the name of a split'), z.array(splitFile).min(1))
    .describe('The files of each split.'),
  split: name('the name of a split').describe('The split that is evaluated when none is named.'),
  pairs: z
    .record(z.string(), text('must be the ending of a file name'))
    .refine((pairs) => Object.keys(pairs).length === 2, {error: 'must name two columns'})
    .optional()
    .describe('Text pairs: column name to the ending of the file whose line n is that column of row n.'),
}

const source = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('hub'),
      set: name('the name of the set in the cache'),
      dataset: z.string().regex(/^[\w.-]+\/[\w.-]+$/, {error: 'must be owner/name'}),
      revision: text('must be a branch, tag or commit').default('main'),
      ...splits,
    })
    .describe('A data set of the Hugging Face hub, downloaded by `slm data pull`.'),
  z
    .strictObject({
      kind: z.literal('url'),
      set: name('the name of the set in the cache'),
      base: z
        .string()
        .regex(/^https?:\/\/[^/]+\/.*\/$/, {error: 'must be an address that ends in /'})
        .describe('Address of the folder; {revision} stands for the revision.'),
      revision: text('must be a branch, tag or commit'),
      ...splits,
      carried: z
        .record(name('the name of a split'), innerPath)
        .default({})
        .describe('Splits that come with the program, with their folder under data/.'),
    })
    .describe('Files at a web address, downloaded by `slm data pull`.'),
  z.strictObject({kind: z.literal('files'), ...splits}).describe('Files beside this YAML.'),
  z
    .strictObject({kind: z.literal('shipped'), set: name('the name of the set'), ...splits})
    .describe('A miniature that comes with the program.'),
])

const metric = z.enum(METRIC_IDS, {error: `must be one of the metrics ${METRIC_IDS.join(', ')}`})

/** A column, a path into nested columns (`answers.text`), or several in order of preference. */
const column = z.union([text('must be a column'), z.array(text('must be a column')).min(1)])

export const TRUNCATION_SIDES = ['error', 'left', 'right', 'middle'] as const

const prompt = z.strictObject({
  template: text('must be a text').describe('The prompt; {field} stands for a field, {{ and }} for braces.'),
  templateFor: z
    .strictObject({
      'enc-dec': text('must be a text').optional(),
      'dec-only': text('must be a text').optional(),
    })
    .default({})
    .describe('Another template for one architecture.'),
  system: text('must be a text').optional().describe('System message, where the chat template is used.'),
  chat: z
    .enum(['never', 'when-available', 'always'])
    .default('never')
    .describe('Whether the prompt goes through the checkpoint’s chat template.'),
  truncate: z
    .strictObject({field: text('must be a field'), side: z.enum(TRUNCATION_SIDES)})
    .describe('The one field that may be cut when a prompt is too long, and on which side it is cut.'),
})

/** A task as its YAML describes it. */
export const taskSchema = z
  .strictObject({
    name: name('the name of the task'),
    title: text('must be a text'),
    version: z.int().positive().describe('Raised when a score can change.'),
    description: text('must be a text'),
    origin: text('must be a text').describe('Who made the data, and where they come from.'),
    licence: text('must be a text'),
    source,
    columns: z.strictObject({
      id: column.optional().describe('The sample’s id; its 0-based row number when absent.'),
      fields: z.record(z.string().regex(/^[A-Za-z_]\w*$/), column).describe('Fields of the prompt template.'),
      references: column.describe('A text or a list of texts.'),
      kind: column.optional().describe('What kind of row it is, for metrics over one kind.'),
    }),
    noAnswer: text('must be a text')
      .optional()
      .describe(
        'Rows without a reference are questions without an answer; this is what a model is trained to say then.',
      ),
    subset: z
      .union([z.literal('first'), z.strictObject({seed: z.int().nonnegative()})])
      .default('first')
      .describe('Which rows --limit keeps: the first ones, or a seeded sample.'),
    prompt,
    extract: z
      .array(EXTRACT_RULE)
      .default([])
      .describe('How the answer is taken from the text, step by step.'),
    stop: z.array(text('must be a text')).default([]).describe('Texts that end an answer.'),
    maxNewTokens: z.int().positive(),
    metrics: z.array(metric).min(1).describe('Scores in the order in which they are shown.'),
    primary: metric.describe('The metric that stands for the task in comparison tables.'),
    shortcuts: z
      .array(SHORTCUT)
      .default([])
      .describe('Ways to answer without doing the task, whose scores stand beside those of models.'),
    notes: z.array(text('must be a text')).default([]).describe('What a reader of the numbers has to know.'),
  })
  .refine((task) => task.metrics.includes(task.primary), {
    path: ['primary'],
    error: 'must be one of the metrics',
  })
  .refine(
    ({shortcuts, columns}) =>
      shortcuts.every((shortcut) => !('field' in shortcut) || Object.hasOwn(columns.fields, shortcut.field)),
    {path: ['shortcuts'], error: 'must name fields of columns.fields'},
  )
  .refine((task) => task.source.split in task.source.splits, {
    path: ['source', 'split'],
    error: 'must be one of the splits',
  })

export type TaskDefinition = z.output<typeof taskSchema>
export type TruncationSide = (typeof TRUNCATION_SIDES)[number]
