/** A node of a parse tree, taken out of the parser's memory. */
export interface SyntaxNode {
  readonly type: string
  /** The name under which the parent holds it. */
  readonly field: string | undefined
  /** Place in the text, in UTF-16 units; the end is exclusive. */
  readonly start: number
  readonly end: number
  readonly children: readonly SyntaxNode[]
}

export interface SyntaxTree {
  readonly text: string
  readonly root: SyntaxNode
  /** The S-expression of the root and of every other node that has children. */
  readonly subtrees: readonly string[]
}

/** Parses text that need not be right: what does not fit becomes an ERROR node. */
export type ParseCode = (text: string) => SyntaxTree
