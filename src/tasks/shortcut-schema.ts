import {z} from 'zod'

const text = (error: string) => z.string({error}).min(1, {error})
const field = text('must be a field').describe('A field of the prompt template.')
const title = text('must be a text').describe('How tables name it.')
const column = text('must be a column').describe('A column of the rows: a text or a list of texts.')

/** A way to answer without doing the task. Its score stands beside those of models, so that these can be believed. */
export const SHORTCUT = z.discriminatedUnion('policy', [
  z.strictObject({policy: z.literal('copy'), field}).describe('Says the field as it stands.'),
  z.strictObject({policy: z.literal('lead'), field}).describe('Says the first sentence of the field.'),
  z
    .strictObject({
      policy: z.literal('majority'),
      split: text('must be the name of a split').default('train').describe('Whose answers are counted.'),
    })
    .describe('Always says the most common answer of a split.'),
  z
    .strictObject({policy: z.literal('abstain')})
    .describe('Always says that the question has no answer: an empty text.'),
  z
    .strictObject({policy: z.literal('random'), column, title})
    .describe(
      'Says one of the texts of the column, each as likely as the others; nothing where there is none.',
    ),
  z
    .strictObject({policy: z.literal('ceiling'), column, title})
    .describe('Says the text of the column: another right answer, and so the most that can be expected.'),
])
export type Shortcut = z.output<typeof SHORTCUT>

/** What the table calls a policy; one name is one row, whatever the task. */
export function shortcutTitle(shortcut: Shortcut): string {
  switch (shortcut.policy) {
    case 'copy':
      return 'copy of the input'
    case 'lead':
      return 'first sentence of the input'
    case 'majority':
      return `most common answer of ${shortcut.split}`
    case 'abstain':
      return 'always “no answer”'
    case 'random':
    case 'ceiling':
      return shortcut.title
  }
}
