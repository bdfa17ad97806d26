import type {ExtractRule} from './extract-rule.ts'
import type {Task} from './task.ts'

/** What is scored, from what was generated: the task's steps in their order. */
export function extractAnswer(task: Pick<Task, 'extract'>, generated: string): string {
  return task.extract.reduce(applyRule, generated)
}

function applyRule(text: string, rule: ExtractRule): string {
  if (rule === 'trim') return text.trim()
  if (rule === 'first-line') return text.trimStart().split('\n', 1)[0]!.trimEnd()
  if (rule === 'one-line') return text.trim().split(/\s+/).join(' ')
  if (rule === 'code-block') return codeBlock(text)
  if (rule === 'unquote') return unquote(text)
  if ('after' in rule) {
    const place = text.lastIndexOf(rule.after)
    return place < 0 ? text : text.slice(place + rule.after.length)
  }
  if ('before' in rule) {
    const place = text.indexOf(rule.before)
    return place < 0 ? text : text.slice(0, place)
  }
  if ('dropPrefix' in rule) {
    const start = text.trimStart()
    const prefix = rule.dropPrefix.find((one) => start.toLowerCase().startsWith(one.toLowerCase()))
    return prefix === undefined ? text : start.slice(prefix.length).trimStart()
  }
  return rule.abstain.some((phrase) => plain(phrase) === plain(text)) ? '' : text
}

/** The inside of the first ``` fence, to its end or the text's; the whole text when there is none. */
function codeBlock(text: string): string {
  const open = text.indexOf('```')
  if (open < 0) return text
  const begin = text.indexOf('\n', open)
  if (begin < 0) return text
  const end = text.indexOf('```', begin)
  return text.slice(begin + 1, end < 0 ? undefined : end).trimEnd()
}

function unquote(text: string): string {
  const inner = text.trim()
  const isQuoted = inner.length >= 2 && /^["'“]/.test(inner) && /["'”]$/.test(inner)
  return isQuoted ? inner.slice(1, -1) : text
}

function plain(text: string): string {
  let end = text.length
  while (end > 0 && '.!?,;:"\' \n\t'.includes(text[end - 1]!)) end -= 1
  return text.slice(0, end).trimStart().toLowerCase()
}
