import type {NotJudged, StoredReply} from './judge.ts'
import type {Question} from './question.ts'

const SHOWN = 160

/** Words with which models decline, where the reply is no JSON. */
const DECLINES = /^\W*(?:I(?:['’]m| am) sorry|I can(?:no|['’])t|I am unable|I won['’]t|As an AI\b)/iu

/** The value of a reply, or why it has none. Nothing is mended but a code fence or words around the one JSON object. */
export function readReply<Value>(
  question: Question<Value>,
  reply: StoredReply,
): {readonly status: 'answered'; readonly value: Value} | NotJudged {
  const unparsed = (why: string): NotJudged => ({status: 'unparsed', why: `${question.name}: ${why}`})
  if (reply.kind === 'refused')
    return {status: 'refused', why: `${question.name}: the judge refused (${shown(reply.text)})`}
  if (reply.isCut) return unparsed('the reply was cut at its length limit')
  const parsed = jsonIn(reply.text)
  if (parsed === undefined) {
    return DECLINES.test(reply.text)
      ? {status: 'refused', why: `${question.name}: the judge refused (${shown(reply.text)})`}
      : unparsed(`the reply is not JSON (${shown(reply.text)})`)
  }
  const checked = question.schema.safeParse(parsed.value)
  if (checked.success) return {status: 'answered', value: checked.data}
  const issue = checked.error.issues[0]
  return unparsed(`${issue?.path.join('.') || 'the reply'}: ${issue?.message ?? 'is not valid'}`)
}

/** The text as JSON: as it stands, from its code fence, or between its first and last brace. */
function jsonIn(text: string): {readonly value: unknown} | undefined {
  const fenced = /```(?:json)?\s*\n?([\s\S]*?)```/u.exec(text)?.[1]
  const braced = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)
  for (const candidate of [text, fenced, braced]) {
    if (candidate === undefined || candidate.trim() === '') continue
    try {
      return {value: JSON.parse(candidate)}
    } catch {
      // The next form is tried.
    }
  }
  return undefined
}

/** The beginning of a text from outside, quoted: JSON's escapes keep control characters from a terminal. */
export function shown(text: string): string {
  const start = text.trim()
  return JSON.stringify(start.length > SHOWN ? `${start.slice(0, SHOWN)}…` : start)
}
