import {pythonStrip} from '../python-text.ts'

/** A comment, or a text or character literal, which may look as if it held one. */
const COMMENT_OR_LITERAL = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|[^\\'])*'|"(?:\\[\s\S]|[^\\"])*"/g

/** Code without comments (a space stands for each) and without blank lines, as `remove_comments_and_docstrings` of CodeBLEU leaves it. */
export function stripComments(code: string): string {
  return pythonStrip(code)
    .replaceAll(COMMENT_OR_LITERAL, (part) => (part.startsWith('/') ? ' ' : part))
    .split('\n')
    .filter((line) => pythonStrip(line) !== '')
    .join('\n')
}
