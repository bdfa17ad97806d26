import {between, chance, pick, weighted} from './choose.ts'
import {anyOf, expressionOf, text} from './code-expressions.ts'
import {freshIdentifier, inside, type Scope, type Variable, variablesOf, withVariable} from './code-scope.ts'
import {
  type Block,
  BOOLEAN,
  type CodeType,
  type ErrorKind,
  type Expression,
  INT,
  type Statement,
} from './code-tree.ts'
import {isHeldOut} from './names.ts'
import {SIMPLE, type SimpleKind, simpleStatement} from './simple-statements.ts'

const OUTER = ['if', 'while', 'count', 'each', 'entries', 'lock', 'try'] as const
const INNER = [...SIMPLE, ...OUTER] as const
type OuterKind = (typeof OUTER)[number]

const WEIGHTS: Readonly<Record<SimpleKind | OuterKind, number>> = {
  ...{local: 3, assign: 2, increment: 1, do: 2, 'list-add': 2, 'list-set': 1.5, 'list-remove-at': 1},
  ...{'map-put': 2, setter: 1.5, print: 1, throw: 0.5},
  ...{if: 3, while: 1, count: 1.5, each: 2, entries: 1.5, lock: 1, try: 1},
}

const DEEPEST = 2

/** Whether training never has the inner kind of statement directly inside the outer one. */
export function isHeldOutNesting(outer: string, inner: string): boolean {
  const [i, j] = [place(OUTER, outer), place(INNER, inner)]
  return i >= 0 && j >= 0 && isHeldOut(i, j)
}

function place(kinds: readonly string[], kind: string): number {
  return kinds.indexOf(kind)
}

/** Statements one after the other; what one declares, the next ones see. `allows` refuses nestings. */
export function blockOf(
  scope: Scope,
  length: number,
  allows: (outer: string, inner: string) => boolean,
): {readonly block: Block; readonly scope: Scope} {
  const block: Statement[] = []
  let here = scope
  while (block.length < length) {
    const statement = statementOf(here, weighted(scope.random, WEIGHTS), allows)
    if (statement === undefined) continue
    block.push(statement)
    if (statement.kind === 'local')
      here = withVariable(here, {type: statement.type, expression: {kind: 'name', name: statement.name}})
    if (statement.kind === 'throw') break
  }
  return {block, scope: here}
}

function statementOf(
  scope: Scope,
  kind: SimpleKind | OuterKind,
  allows: (outer: string, inner: string) => boolean,
): Statement | undefined {
  const {around, random} = scope
  const outer = around.at(-1)
  if (outer !== undefined && !allows(outer, kind)) return undefined
  if (kind === 'throw' && outer !== 'if') return undefined
  if (isSimple(kind)) return simpleStatement(scope, kind)
  if (around.length >= DEEPEST) return undefined
  const body = (...declared: readonly Variable[]): Block =>
    blockOf(inside(scope, kind, ...declared), between(random, 1, 2), allows).block
  return compound(scope, kind, body)
}

function isSimple(kind: SimpleKind | OuterKind): kind is SimpleKind {
  return SIMPLE.some((one) => one === kind)
}

function compound(
  scope: Scope,
  kind: OuterKind,
  body: (...declared: readonly Variable[]) => Block,
): Statement | undefined {
  const {random} = scope
  switch (kind) {
    case 'if':
      return {
        kind,
        condition: expressionOf(scope, BOOLEAN, 2),
        yes: body(),
        no: chance(random, 0.3) ? body() : undefined,
      }
    case 'while':
      return {kind, condition: expressionOf(scope, BOOLEAN, 1), body: body()}
    case 'count': {
      const name = scope.around.includes('count') ? 'j' : 'i'
      return {
        kind,
        name,
        from: literalZero(random.below(4)),
        limit: limitOf(scope),
        body: body(variable(INT, name)),
      }
    }
    case 'each': {
      const list = anyOf(scope, 'list')
      if (list?.type.kind !== 'list') return undefined
      const name = freshIdentifier(scope)
      return {kind, type: list.type.of, name, list: list.expression, body: body(variable(list.type.of, name))}
    }
    case 'entries': {
      const map = anyOf(scope, 'map')
      if (map?.type.kind !== 'map') return undefined
      const name = freshIdentifier(scope)
      const part = (type: CodeType, property: string): Variable => ({
        type,
        expression: {kind: 'getter', target: {kind: 'name', name}, property},
      })
      return {
        kind,
        map: map.type,
        name,
        of: map.expression,
        body: body(part(map.type.key, 'key'), part(map.type.value, 'value')),
      }
    }
    case 'lock': {
      const shared = variablesOf(scope, (type) => ['class', 'list', 'map'].includes(type.kind))
      return shared.length === 0 ? undefined : {kind, on: pick(random, shared).expression, body: body()}
    }
    case 'try': {
      const error: ErrorKind = pick(random, ['any', 'input', 'state', 'argument'] as const)
      return {
        kind,
        body: body(),
        error,
        name: 'e',
        rescue: [{kind: 'throw', error: 'state', message: text(scope)}],
      }
    }
  }
}

function limitOf(scope: Scope): Expression {
  const list = anyOf(scope, 'list')
  return list === undefined
    ? expressionOf(scope, INT, 1)
    : {kind: 'library', name: 'list-size', values: [list.expression]}
}

function literalZero(dice: number): Expression {
  return {kind: 'literal', text: dice === 0 ? '1' : '0'}
}

function variable(type: CodeType, name: string): Variable {
  return {type, expression: {kind: 'name', name}}
}
