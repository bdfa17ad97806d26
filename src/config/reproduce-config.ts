import {z} from 'zod'
import {names} from './eval-config.ts'
import {trainConfigSchema} from './train-config.ts'

const text = (error: string) => z.string({error}).min(1, {error})
const count = z.int({error: 'must be a positive integer'}).positive({error: 'must be a positive integer'})
/** What a cell may have of its own in its training; the rest is what the runner settles for all cells. */
const ownTraining = trainConfigSchema
  .omit({
    tasks: true,
    split: true,
    data: true,
    curriculum: true,
    tokenizer: true,
    network: true,
    distillation: true,
    isTeacher: true,
    seed: true,
    threads: true,
    out: true,
  })
  .partial()

/** Only what was written down: the training fills in its own defaults. */
const trainingSettings = z
  .record(z.string(), z.json())
  .refine((value) => ownTraining.safeParse(value).success, {
    error: `must be settings of a training among: ${Object.keys(ownTraining.shape).join(', ')}`,
  })

const networkSchema = trainConfigSchema.shape.network
const network = z.record(z.string(), z.json()).refine((value) => networkSchema.safeParse(value).success, {
  error: 'must be a network as in the configuration of a training: arch, layers, width, ...',
})

const distillationSchema = trainConfigSchema.shape.distillation.unwrap().omit({teacher: true})
const distillation = z
  .record(z.string(), z.json())
  .refine((value) => distillationSchema.safeParse(value).success, {
    error: `must be settings of distillation among: ${Object.keys(distillationSchema.shape).join(', ')}`,
  })

const dataFiles = z
  .strictObject({
    train: text('must be a file').optional().describe('Rows to learn from, instead of the task’s own.'),
    valid: text('must be a file').optional().describe('Rows to choose the best weights by.'),
    test: text('must be a file').optional().describe('Rows of the table.'),
    easy: text('must be a file').optional().describe('Rows for the curriculum’s first steps.'),
  })
  .describe('Files of one task, as --data takes them; a part that is not named is the task’s own.')

const RANGE = 'must be a range such as 1-4'
const range = z.string({error: RANGE}).regex(/^\d+(-\d+)?$/, {error: RANGE})
const madeSettings = {
  rows: count.describe('Rows to make.'),
  questions: range.optional().describe('squad-mini: questions that a row asks at once.'),
  facts: range.optional().describe('squad-mini: facts of a passage.'),
}
const madeRows = z
  .strictObject({
    ...madeSettings,
    easy: z.strictObject(madeSettings).optional().describe('Easier rows, for the first steps of a training.'),
  })
  .describe('Rows of training as `slm data make` makes them.')

const model = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, {error: 'must be letters, digits and hyphens'})
    .describe('Begins the names of its cells.'),
  size: text('must be a name').default('m').describe('Which size it belongs to; the table is of size m.'),
  network: network.describe('Its shape, as in the configuration of a training.'),
  training: trainingSettings
    .optional()
    .describe('What its trainings have of their own, such as sourceLoss for a decoder-only network.'),
  methods: names('methods')
    .refine((list) => list.every((name) => name === 'seq2seq' || name === 'kd'), {
      error: 'must be seq2seq or kd',
    })
    .default(['seq2seq', 'kd'])
    .describe('seq2seq: learns from the data; kd: learns from the teacher too.'),
})

/** A whole comparison in small: what is trained, on what, and what is evaluated. */
export const reproduceConfigSchema = z
  .strictObject({
    tasks: names('task names').describe('Tasks that every cell learns and is evaluated on.'),
    data: z
      .record(z.string(), dataFiles)
      .default({})
      .describe('Data by task, where it is not the task’s own.'),
    make: z
      .record(z.string(), madeRows)
      .default({})
      .describe('Rows of training that are made, by miniature; those that come with the program otherwise.'),
    dataSeed: z.int().nonnegative().default(7).describe('Seed of made rows.'),
    curriculumSteps: z
      .int()
      .nonnegative()
      .default(0)
      .describe('First steps of every training, which learn the easy rows of tasks that have some.'),
    tokenizer: z.strictObject({size: count}).describe('Byte-level BPE, learned from the training texts.'),
    training: trainingSettings.describe('What all trainings have alike: steps, batchSize, optimizer, ...'),
    test: z
      .strictObject({
        rows: count.optional().describe('Rows of each task in the table; all when absent.'),
        dtype: z
          .enum(['fp32', 'fp16', 'q8', 'int8'], {error: 'must be fp32, fp16, q8 or int8'})
          .default('fp32')
          .describe('Which weights the table is of.'),
      })
      .prefault({})
      .describe('How cells are evaluated.'),
    teacher: z
      .strictObject({network, training: trainingSettings.optional()})
      .describe('The decoder-only network that the KD cells learn from; one for all seeds.'),
    distillation: distillation
      .default({alpha: 0.9, temperature: 1})
      .describe('Settings of the KD cells: alpha KL(teacher || student) + (1 - alpha) cross-entropy.'),
    models: z.array(model).min(1).describe('The networks that are compared.'),
    references: z
      .record(
        z.string(),
        z.array(z.strictObject({name: text('must be a name'), scores: z.record(z.string(), z.number())})),
      )
      .default({})
      .describe('What others published, by task: scores by metric, in the metric’s own scale.'),
    sizes: names('sizes').default(['m']).describe('Sizes to train; m is the table.'),
    seeds: count.default(3).describe('Trainings of each cell; seeds count from 1.'),
    jobs: count.default(1).describe('Trainings at once; each has threads / jobs threads.'),
    threads: count.optional().describe('Threads in all; one for each processor when absent.'),
    budget: text('must be a time such as 8h, 90m or 30s')
      .optional()
      .describe('Time after which no step begins that would not fit, such as 8h.'),
    ship: text('must be a folder')
      .optional()
      .describe('Copies the checkpoints of seed 1 here, small enough to carry: one folder for each cell.'),
    shipDtype: z
      .enum(['fp32', 'fp16', 'q8', 'q4', 'int8'], {error: 'must be fp32, fp16, q8, q4 or int8'})
      .default('q8')
      .describe('Which weights are copied.'),
    out: text('must be a folder').default('results/reproduce').describe('Where everything is written.'),
  })
  .describe('One miniature reproduction for `slm reproduce --config`; flags of the same name win.')

export type ReproduceConfig = z.output<typeof reproduceConfigSchema>
