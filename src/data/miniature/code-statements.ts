import {between, chance, pick, weighted} from './choose.ts'
import {anyOf, expressionOf, text} from './code-expressions.ts'
import {
  freshIdentifier,
  inside,
  methodName,
  propertyName,
  type Scope,
  type Variable,
  variablesOf,
  withVariable,
} from './code-scope.ts'
import {
  type Block,
  BOOLEAN,
  type CodeType,
  type ErrorKind,
  type Expression,
  INT,
  STRING,
  type Statement,
} from './code-tree.ts'
import {isHeldOut} from './names.ts'

const OUTER = ['if', 'while', 'count', 'each', 'entries', 'lock', 'try'] as const
const INNER = [
  'local',
  'assign',
  'increment',
  'do',
  'list-add',
  'list-set',
  'list-remove-at',
  'map-put',
  'setter',
  'print',
  'throw',
  ...OUTER,
] as const
type Kind = (typeof INNER)[number]

const WEIGHTS: Readonly<Record<Kind, number>> = {
  ...{
    local: 3,
    assign: 2,
    increment: 1,
    do: 2,
    'list-add': 2,
    'list-set': 1.5,
    'list-remove-at': 1,
    'map-put': 2,
    setter: 1.5,
    print: 1,
    throw: 0.5,
  },
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
  kind: Kind,
  allows: (outer: string, inner: string) => boolean,
): Statement | undefined {
  const {around, random} = scope
  const outer = around.at(-1)
  if (outer !== undefined && !allows(outer, kind)) return undefined
  if (kind === 'throw' && outer !== 'if') return undefined
  const isOuter = OUTER.some((one) => one === kind)
  if (isOuter && around.length >= DEEPEST) return undefined
  if (!isOuter) return simple(scope, kind)
  const body = (...declared: readonly Variable[]): Block =>
    blockOf(inside(scope, kind, ...declared), between(random, 1, 2), allows).block
  return compound(scope, kind, body)
}

function simple(scope: Scope, kind: Kind): Statement | undefined {
  const {random} = scope
  const list = anyOf(scope, 'list')
  const map = anyOf(scope, 'map')
  switch (kind) {
    case 'local': {
      const type = pick(random, [INT, BOOLEAN, STRING])
      return {kind, type, value: expressionOf(scope, type, 2), name: freshIdentifier(scope)}
    }
    case 'assign':
      return assignment(scope)
    case 'increment': {
      const counters = variablesOf(scope, (type) => type.kind === 'int')
      return counters.length === 0 ? undefined : {kind, target: pick(random, counters).expression}
    }
    case 'do':
      return {
        kind,
        call: {
          kind: 'call',
          target: undefined,
          method: methodName(scope),
          values: [expressionOf(scope, pick(random, [INT, STRING]), 1)],
        },
      }
    case 'list-add':
      return list?.type.kind === 'list'
        ? {kind, list: list.expression, value: expressionOf(scope, list.type.of, 1)}
        : undefined
    case 'list-remove-at':
      return list && {kind, list: list.expression, value: expressionOf(scope, INT, 1)}
    case 'list-set':
      return list?.type.kind === 'list'
        ? {
            kind,
            target: list.expression,
            key: expressionOf(scope, INT, 0),
            value: expressionOf(scope, list.type.of, 1),
          }
        : undefined
    case 'map-put':
      return map?.type.kind === 'map'
        ? {
            kind,
            target: map.expression,
            key: expressionOf(scope, STRING, 1),
            value: expressionOf(scope, map.type.value, 1),
          }
        : undefined
    case 'setter':
      return setter(scope)
    case 'print':
      return {kind, value: expressionOf(scope, STRING, 1)}
    case 'throw':
      return {
        kind,
        error: pick(random, ['argument', 'state', 'unsupported', 'null', 'bounds'] as const),
        message: chance(random, 0.6) ? text(scope) : undefined,
      }
    default:
      return undefined
  }
}

function compound(
  scope: Scope,
  kind: Kind,
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
    default:
      return undefined
  }
}

function assignment(scope: Scope): Statement | undefined {
  const targets = variablesOf(scope, (type) => ['int', 'boolean', 'string'].includes(type.kind))
  // What a loop over entries gives cannot be assigned to.
  const assignable = targets.filter(
    ({expression}) => expression.kind === 'name' || expression.kind === 'field',
  )
  if (assignable.length === 0) return undefined
  const {type, expression} = pick(scope.random, assignable)
  const operator =
    type.kind === 'boolean'
      ? '='
      : type.kind === 'string'
        ? pick(scope.random, ['=', '+='])
        : pick(scope.random, ['=', '+=', '-='])
  const value = expressionOf(scope, type, 2)
  if (JSON.stringify(value) === JSON.stringify(expression)) return undefined
  return {kind: 'assign', operator, target: expression, value}
}

function setter(scope: Scope): Statement | undefined {
  const objects = variablesOf(scope, (type) => type.kind === 'class')
  if (objects.length === 0) return undefined
  const value = expressionOf(scope, pick(scope.random, [INT, STRING, BOOLEAN]), 1)
  return {
    kind: 'setter',
    target: pick(scope.random, objects).expression,
    property: propertyName(scope),
    value,
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
