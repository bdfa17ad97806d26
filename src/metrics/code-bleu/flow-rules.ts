import type {CodeLanguage} from './code-language.ts'
import type {SyntaxNode} from './syntax-tree.ts'

/** Which nodes of a language make data flow, and where their parts are. */
export interface FlowRules {
  readonly increment: string
  readonly forEach: string
  /** The child after which a `for` is read a second time. */
  readonly loopVariable: string
  /** What is declared, and from what. */
  readonly declared: (declarator: SyntaxNode) => {
    readonly name: SyntaxNode | undefined
    readonly value: SyntaxNode | undefined
  }
  readonly forEachName: string
  readonly forEachValue: string
}

/** The tables at the head of `DFG_java` and `DFG_csharp`, with the node names of today's grammars. */
export const FLOW_RULES: Readonly<Record<CodeLanguage, FlowRules>> = {
  java: {
    increment: 'update_expression',
    forEach: 'enhanced_for_statement',
    loopVariable: 'local_variable_declaration',
    declared: (node) => ({name: childOf(node, 'name'), value: childOf(node, 'value')}),
    forEachName: 'name',
    forEachValue: 'value',
  },
  'c-sharp': {
    increment: 'postfix_unary_expression',
    // Then `for_each_statement`.
    forEach: 'foreach_statement',
    // No such node stands in a C# `for`, then or now: the table was copied from Java, and so is its effect.
    loopVariable: 'local_variable_declaration',
    // Then a name and an `equals_value_clause`; now a name, `=` and the value.
    declared: ({children}) => ({
      name: children[0],
      value: children.some(({type}) => type === '=') ? children.at(-1) : undefined,
    }),
    forEachName: 'left',
    forEachValue: 'right',
  },
}

export function childOf({children}: SyntaxNode, field: string): SyntaxNode | undefined {
  return children.find((child) => child.field === field)
}
