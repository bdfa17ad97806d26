import {z} from 'zod'

const count = z.int().nonnegative()

/** Why there is no score: never 0, never a default grade. */
export const NOT_JUDGED_STATES = ['unparsed', 'refused', 'timed-out', 'failed'] as const
const notJudged = z.enum(NOT_JUDGED_STATES)
export type NotJudgedState = z.output<typeof notJudged>

/** Tokens as the server counted them, or as they were counted here for a local judge. */
const usage = z.object({promptTokens: count, completionTokens: count})
export type TokenUsage = z.output<typeof usage>

/** What one vote came to. `detail` is what the method found: statements and verdicts, a rating with its reason, a cosine. */
const vote = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('judged'),
    score: z.number(),
    detail: z.record(z.string(), z.json()),
    usage: usage.optional(),
  }),
  z.object({status: notJudged, why: z.string()}),
])
export type JudgeVote = z.output<typeof vote>

const place = {
  /** Id of the judge's card in judges.json. */
  judge: z.string(),
  method: z.string(),
  task: z.string(),
  id: z.string(),
  /** As in samples.jsonl. */
  index: count,
}

/** One line of `judgements.jsonl`: what a judge said of one scored sample. It holds no times, so equal replies give equal bytes. */
export const judgementSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('judged'),
    ...place,
    /** 0..1, the mean over the votes that were judged. */
    score: z.number().min(0).max(1),
    /** The rule that gave the score where no judge was asked, such as `empty-answer`. */
    rule: z.string().optional(),
    votes: z.array(vote),
  }),
  z.object({status: notJudged, ...place, why: z.string(), votes: z.array(vote)}),
])
export type Judgement = z.output<typeof judgementSchema>

const serverModel = z.object({kind: z.literal('server'), host: z.string(), model: z.string()})
const checkpointModel = z.object({
  kind: z.literal('checkpoint'),
  name: z.string(),
  digest: z.string(),
  dtype: z.string(),
})

/** How far a judge agreed with labels, as `slm judge calibrate --keep` measured it. */
export const measuredJudgeSchema = z.object({
  /** Cohen's kappa with its 95% bootstrap interval over `count` items. */
  kappa: z.object({value: z.number(), low: z.number(), high: z.number(), count}),
  /** What a predictor that always says the commonest label agrees with, 0..1; its kappa is 0. */
  constantRaw: z.number(),
  /** Of the rows, how many were judged. */
  rows: count,
  /** Which labels they were. */
  labels: z.string(),
})
export type MeasuredJudge = z.output<typeof measuredJudgeSchema>

/** Who judges how: everything that can move a score. */
export const judgeCardSchema = z.object({
  /** First 12 digits of a sha256 over what decides the scores; prompts, votes and names apart. */
  id: z.string().regex(/^[0-9a-f]{12}$/),
  method: z.string(),
  /** Raised when the same replies would give another score. */
  version: z.int().positive(),
  /** The variant in words: what stands under a table. */
  variant: z.string(),
  judge: z.discriminatedUnion('kind', [
    serverModel,
    checkpointModel.extend({
      verdict: z.enum(['json', 'likelihood']),
      /** What a judge that was trained to judge says of itself: `miniature, trained on synthetic pairs`. */
      note: z.string().optional(),
      /** Its agreement with labels that were kept from its training; absent where nobody has measured it. */
      measured: measuredJudgeSchema.optional(),
    }),
    z.object({kind: z.literal('none')}),
  ]),
  embeddings: z
    .discriminatedUnion('kind', [
      serverModel,
      /** Longer texts are cut to so many tokens. */
      checkpointModel.extend({maxTokens: z.int().positive()}),
    ])
    .optional(),
  /** Sampling and request keys in force. */
  settings: z.record(z.string(), z.json()),
  /** By task: version and sha256 of the prompts, few-shot examples included. */
  prompts: z.record(z.string(), z.object({version: z.string(), digest: z.string()})),
  votes: z.int().positive(),
  /** The other run, where two are compared. */
  against: z.object({planDigest: z.string(), model: z.string()}).optional(),
})
export type JudgeCard = z.output<typeof judgeCardSchema>

/** `judges.json`. */
export const judgesSchema = z.object({format: z.literal(1), judges: z.array(judgeCardSchema)})
