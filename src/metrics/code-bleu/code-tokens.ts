import type {SyntaxNode, SyntaxTree} from './syntax-tree.ts'

/** A token of code and its number in the text. */
export interface CodeToken {
  readonly position: number
  readonly text: string
}

/** Tokens of a tree, found by the node that is the token. */
export type CodeTokens = (node: SyntaxNode) => CodeToken | undefined

/** Literals were leaves in the grammars of 2020; today's split them, so they are named as whole tokens. */
const WHOLE = new Set(['string', 'string_literal', 'character_literal'])

/** Whether the node stands for one token, however many nodes it holds. */
export function isToken({type, children}: SyntaxNode): boolean {
  return (children.length === 0 || WHOLE.has(type)) && type !== 'comment'
}

/** Tokens below a node, in order. */
export function tokenNodes(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = []
  const open = [node]
  while (open.length > 0) {
    const next = open.pop()!
    if (isToken(next)) found.push(next)
    else open.push(...next.children.toReversed())
  }
  return found
}

/** Numbers all tokens of a tree; of several that share their place (the parser's empty ones) the last counts. */
export function codeTokens({root, text}: SyntaxTree): CodeTokens {
  const byPlace = new Map<string, CodeToken>()
  for (const [position, {start, end}] of tokenNodes(root).entries())
    byPlace.set(`${start}:${end}`, {position, text: text.slice(start, end)})
  return ({start, end}) => byPlace.get(`${start}:${end}`)
}

/** Tokens below a node that are not fixed words or signs of the language (whose node type is their text). */
export function variableTokens(node: SyntaxNode, tokens: CodeTokens): CodeToken[] {
  return tokenNodes(node).flatMap((leaf) => {
    const token = tokens(leaf)
    return token === undefined || leaf.type === token.text ? [] : [token]
  })
}
