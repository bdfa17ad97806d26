import {z} from 'zod'

const literal = z.string().min(1, {error: 'must be a text'})

/**
 * How an answer is taken from a model's text: a fixed list of steps, each linear in the text. There is no regular
 * expression on purpose: a pattern from a YAML on a model's text can take exponential time and hang a run.
 */
export const EXTRACT_RULE = z.union([
  z.enum(['trim', 'first-line', 'one-line', 'code-block', 'unquote']),
  z.strictObject({after: literal}).describe('The text after the last place where this stands.'),
  z.strictObject({before: literal}).describe('The text before the first place where this stands.'),
  z.strictObject({dropPrefix: z.array(literal)}).describe('Without the first of these that it begins with.'),
  z
    .strictObject({abstain: z.array(literal)})
    .describe('Empty when nothing but one of these is said; case and closing punctuation do not count.'),
])

export type ExtractRule = z.output<typeof EXTRACT_RULE>
