import {SlmError} from '../errors.ts'

/** A prompt template, taken apart once: texts and the fields between them. */
export type Template = readonly ({readonly text: string} | {readonly field: string})[]

const PART = /\{\{|\}\}|\{([A-Za-z_]\w*)\}|[{}]/g

/** Reads `{field}`, and `{{`, `}}` as braces. Any other brace is an error, so that a typing slip cannot become part of a prompt. */
export function parseTemplate(template: string): Template {
  const parts: ({text: string} | {field: string})[] = []
  let literal = ''
  let place = 0
  for (const match of template.matchAll(PART)) {
    literal += template.slice(place, match.index)
    place = match.index + match[0].length
    if (match[0] === '{{' || match[0] === '}}') literal += match[0][0]
    else if (match[1] === undefined)
      throw new SlmError(
        'task-template',
        `the prompt template has a single "${match[0]}" at character ${match.index + 1}`,
        {
          hint: 'Write {{ and }} for braces that belong to the text.',
        },
      )
    else {
      parts.push({text: literal}, {field: match[1]})
      literal = ''
    }
  }
  return [...parts, {text: literal + template.slice(place)}].filter(
    (part) => !('text' in part) || part.text !== '',
  )
}

/** Puts the fields in. Braces inside a field are text: what was put in is never looked at again. */
export function fillTemplate(template: Template, fields: Readonly<Record<string, string>>): string {
  return template.map((part) => ('text' in part ? part.text : (fields[part.field] ?? ''))).join('')
}
