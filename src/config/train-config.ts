import {z} from 'zod'
import {names} from './eval-config.ts'

const text = (error: string) => z.string({error}).min(1, {error})
const count = z.int({error: 'must be a positive integer'}).positive({error: 'must be a positive integer'})
const share = (error = 'must be a number between 0 and 1') =>
  z.number({error}).min(0, {error}).max(1, {error})
const rate = z.number({error: 'must be a positive number'}).positive({error: 'must be a positive number'})
const dataFiles = z.record(z.string(), text('must be a file'))
const SPLIT = 'must be the name of a split, or one for each task by its name'
const splits = z.union([text(SPLIT), z.record(z.string(), text(SPLIT))], {error: SPLIT})
const byTask = z.record(z.string(), rate)

const network = z
  .strictObject({
    arch: z
      .enum(['enc-dec', 'dec-only'], {error: 'must be enc-dec or dec-only'})
      .describe('The architecture.'),
    params: text('must be a size such as 3M').optional().describe('Parameters wanted, instead of layers.'),
    split: text('must be a split such as 2/3-1/3')
      .default('2/3-1/3')
      .describe('Layers in encoder and decoder, with params.'),
    encoderLayers: count.optional(),
    decoderLayers: count.optional(),
    layers: count.optional().describe('Layers of a decoder-only network.'),
    width: count.optional(),
    heads: count.optional().describe('Query heads.'),
    keyValueHeads: count.optional().describe('Key/value heads; as many as query heads when absent.'),
    headSize: count.optional(),
    feedForward: count.optional().describe('Width inside the feed-forward; 4 widths when absent.'),
    context: count.default(1024).describe('Longest prompt that the network is meant for.'),
    biases: z.boolean().default(false).describe('Biases on every linear layer, as in the paper.'),
    unitHeads: z.boolean().default(true).describe('Queries and keys of unit size; false in the paper.'),
    unitEmbedding: z
      .boolean()
      .default(true)
      .describe('Looked-up embeddings of unit size; false in the paper.'),
  })
  .describe('The shape of the network.')

const optimizer = z
  .strictObject({
    kind: z
      .enum(['muon', 'adamw'], {error: 'must be muon or adamw'})
      .default('muon')
      .describe('muon: matrices by Muon, the rest by AdamW; adamw: all by AdamW.'),
    learningRate: rate.default(0.007).describe('Of the matrices.'),
    otherLearningRate: rate.default(0.003).describe('Of embedding, gains and biases.'),
    weightDecay: z.number().nonnegative().default(0.01),
    betas: z.tuple([share(), share()]).default([0.9, 0.95]).describe('Decay of AdamW’s moments.'),
    clip: rate.default(1).describe('Longest gradient over all parameters together.'),
    warmUpSteps: z.int().nonnegative().default(50),
    constantUntil: share()
      .default(0.6)
      .describe(
        'Part of all steps after which the rate falls to 0, or the end of the warm-up if that is later.',
      ),
    decay: z
      .enum(['linear', 'cosine'], {error: 'must be linear or cosine'})
      .default('linear')
      .describe('How the rate falls. The paper: cosine with constantUntil 0 and 4 warm-up steps.'),
  })
  .describe('How weights are moved.')

const evaluation = z
  .strictObject({
    split: splits
      .default('dev')
      .describe('One split, or one for each task by name; dev where a task has none.'),
    data: dataFiles.default({}).describe('Data files by task; the task’s own where there is none.'),
    limit: count.default(400).describe('Rows of each task.'),
    everySteps: count.default(200),
    best: z
      .enum(['loss', 'exact'], {error: 'must be loss or exact'})
      .default('loss')
      .describe(
        'What the best checkpoint is chosen by: loss of an answer’s token, or answers that are exact; the mean of the tasks.',
      ),
    patience: count
      .optional()
      .describe('Evaluations in a row without a better one after which training ends; never when absent.'),
  })
  .describe('Teacher-forced evaluation while training; the best weights are what is exported.')

const sampling = z
  .strictObject({
    temperature: rate.default(0.9),
    topK: count.default(128).describe('Tokens that are drawn from, the likeliest ones.'),
    maxTokens: count.optional().describe('Longest answer; maxTargetTokens when absent.'),
    startStep: z
      .int()
      .nonnegative()
      .default(0)
      .describe(
        'Steps before that learn the teacher’s view of the data’s own answers: a student that knows nothing draws nonsense.',
      ),
    refreshEvery: count
      .default(1)
      .describe(
        'Steps whose answers are drawn at once, by the weights before the first of them. 1 is on-policy to the step; each drawing writes and opens the student’s graphs anew, so more is faster.',
      ),
  })
  .describe('How the student draws answers, for targets: on-policy.')

const distillation = z
  .strictObject({
    teacher: text('must be a folder').describe('A decoder-only checkpoint with the same tokenizer.'),
    alpha: share().default(0.9).describe('Share of the teacher in the loss.'),
    temperature: rate.default(1).describe('Divides the logits of both in the divergence.'),
    targets: z
      .enum(['gold', 'on-policy'], {error: 'must be gold or on-policy'})
      .default('gold')
      .describe(
        'Whose answers the teacher judges: the data’s own, or ones that the student draws, as in the paper. The cross-entropy is of the data’s own either way.',
      ),
    sampling: sampling.prefault({}),
  })
  .describe('Learn from a teacher: alpha KL(teacher || student) + (1 - alpha) cross-entropy.')

const curriculum = z
  .strictObject({
    data: dataFiles.default({}).describe('Data files by task.'),
    split: z.record(z.string(), text(SPLIT)).default({}).describe('Splits by task.'),
    steps: count.describe('Steps of the optimizer, the first ones.'),
  })
  .refine(({data, split}) => Object.keys({...data, ...split}).length > 0, {
    error: 'must name data or a split of at least one task',
  })
  .describe(
    'Easier rows for the first steps. Tasks that it does not name have their ordinary rows then, too.',
  )

/** One training. YAML keys; flags (in kebab-case) of the same name win. */
export const trainConfigSchema = z
  .strictObject({
    tasks: names('task names').describe('Tasks whose rows are learned: names or YAML files.'),
    split: splits
      .default('train')
      .describe('One split, or one for each task by name; train where a task has none.'),
    data: dataFiles.default({}).describe('Data files by task; the task’s own where there is none.'),
    repeat: byTask
      .default({})
      .describe(
        'How often a task’s rows come in an epoch; 0.5: half of them, the other half in the next. Default 1.',
      ),
    mix: byTask
      .optional()
      .describe(
        'Parts of the tasks in an epoch, instead of repeat: {a: 3, b: 1} is three rows of a to one of b. Default 1.',
      ),
    limit: count.optional().describe('Rows of each task; all when absent.'),
    curriculum: curriculum.optional(),
    tokenizer: text('must be a folder').describe(
      'Folder with tokenizer.json, e.g. of `slm model tokenizer`.',
    ),
    network,
    optimizer: optimizer.prefault({}),
    evaluation: evaluation.prefault({}),
    distillation: distillation.optional(),
    steps: count,
    batchSize: count.default(32).describe('Examples of a batch.'),
    accumulate: count.default(1).describe('Batches whose gradients make one step.'),
    zLoss: z.number().nonnegative().default(1e-4),
    sourceLoss: share()
      .default(0)
      .describe('Weight of the prompt’s tokens in the loss of a decoder-only network.'),
    maxSourceTokens: count.default(512),
    maxTargetTokens: count.default(128).describe('Rows with longer answers are left out.'),
    isTeacher: z.boolean().default(false).describe('Labels the checkpoint as a teacher.'),
    seed: z.int().nonnegative().default(1),
    saveEvery: count
      .default(100)
      .describe('Steps between saved states; a killed training goes on from the last.'),
    logEvery: count.default(10),
    threads: count.optional().describe('Threads inside one operator; one for each processor when absent.'),
    out: text('must be a folder').optional().describe('The checkpoint’s folder.'),
  })
  .describe('One training for `slm model train --config`; flags of the same name win.')

export type TrainConfig = z.output<typeof trainConfigSchema>
