import {between, chance, pick} from './choose.ts'
import {
  freshIdentifier,
  propertyName,
  type Scope,
  type Variable,
  variableOf,
  variablesOf,
} from './code-scope.ts'
import {BOOLEAN, type CodeType, type Expression, INT, type Library, STRING} from './code-tree.ts'
import {words} from './names.ts'

const WORDS = words('missing empty closed invalid done open start end first last unknown ready')

/** An expression of the type; `depth` bounds how far it nests. */
export function expressionOf(scope: Scope, type: CodeType, depth: number): Expression {
  const {random} = scope
  const known = variableOf(scope, type)
  if (known !== undefined && (depth === 0 || chance(random, 0.35))) return known
  switch (type.kind) {
    case 'int':
      return depth === 0 ? number(scope) : integer(scope, depth)
    case 'boolean':
      return depth === 0 ? (known ?? literal(pick(random, ['true', 'false']))) : condition(scope, depth)
    case 'string':
      return depth === 0 ? text(scope) : string(scope, depth)
    case 'long':
      return known ?? {kind: 'cast', type, of: expressionOf(scope, INT, 0)}
    case 'double':
      return known ?? literal(`${between(random, 0, 9)}.${between(random, 1, 9)}`)
    default:
      return known ?? {kind: 'new', type, values: []}
  }
}

function integer(scope: Scope, depth: number): Expression {
  const {random} = scope
  const inner = (): Expression => expressionOf(scope, INT, depth - 1)
  const list = anyOf(scope, 'list')
  const map = anyOf(scope, 'map')
  const ways: readonly (() => Expression | undefined)[] = [
    () => binary(pick(random, ['+', '-', '*', '%', '&']), inner(), inner()),
    () => list && library('list-size', list.expression),
    () =>
      list?.type.kind === 'list' && list.type.of.kind === 'int'
        ? library('list-get', list.expression, inner())
        : undefined,
    () =>
      list?.type.kind === 'list'
        ? library('list-index', list.expression, expressionOf(scope, list.type.of, 0))
        : undefined,
    () => map && library('map-size', map.expression),
    () => library('string-length', expressionOf(scope, STRING, 0)),
    () => library('string-index', expressionOf(scope, STRING, 0), text(scope)),
    () => library(pick(random, ['max', 'min'] as const), inner(), inner()),
    () => library('abs', inner()),
    () => library('shift', expressionOf(scope, INT, 0), number(scope)),
    () => library('parse-int', expressionOf(scope, STRING, 0)),
    () => ({kind: 'choice', condition: expressionOf(scope, BOOLEAN, 1), yes: inner(), no: inner()}),
    () => getter(scope),
  ]
  return firstOf(scope, ways, () => number(scope))
}

function condition(scope: Scope, depth: number): Expression {
  const {random} = scope
  const list = anyOf(scope, 'list')
  const map = anyOf(scope, 'map')
  const named = (): Expression => expressionOf(scope, STRING, 0)
  const ways: readonly (() => Expression | undefined)[] = [
    () =>
      binary(
        pick(random, ['<', '>', '<=', '>=', '==', '!=']),
        expressionOf(scope, INT, depth - 1),
        expressionOf(scope, INT, 0),
      ),
    () => list && library('list-empty', list.expression),
    () =>
      list?.type.kind === 'list'
        ? library('list-contains', list.expression, expressionOf(scope, list.type.of, 0))
        : undefined,
    () => map && library('map-has', map.expression, named()),
    () => library('string-equals', named(), text(scope)),
    () => library('string-starts', named(), text(scope)),
    () => library('string-empty', named()),
    () => binary(pick(random, ['==', '!=']), named(), literal('null')),
    () => ({kind: 'not', of: expressionOf(scope, BOOLEAN, depth - 1)}),
    () =>
      binary(
        pick(random, ['&&', '||']),
        expressionOf(scope, BOOLEAN, depth - 1),
        expressionOf(scope, BOOLEAN, depth - 1),
      ),
    () => {
      const objects = variablesOf(scope, ({kind}) => kind === 'class')
      if (objects.length === 0) return undefined
      const type: CodeType = {kind: 'class', name: className(scope)}
      return {kind: 'is', of: pick(random, objects).expression, type}
    },
  ]
  return firstOf(scope, ways, () => literal(pick(random, ['true', 'false'])))
}

function string(scope: Scope, depth: number): Expression {
  const inner = (): Expression => expressionOf(scope, STRING, depth - 1)
  const list = anyOf(scope, 'list')
  const map = anyOf(scope, 'map')
  const ways: readonly (() => Expression | undefined)[] = [
    () => binary('+', inner(), inner()),
    () => library('string-lower', inner()),
    () => library('string-trim', inner()),
    () => library('string-sub', expressionOf(scope, STRING, 0), simpleInteger(scope), simpleInteger(scope)),
    () => library('to-string', expressionOf(scope, INT, depth - 1)),
    () =>
      list?.type.kind === 'list' && list.type.of.kind === 'string'
        ? library('list-get', list.expression, expressionOf(scope, INT, depth - 1))
        : undefined,
    () =>
      map?.type.kind === 'map' && map.type.value.kind === 'string'
        ? library('map-get', map.expression, inner())
        : undefined,
  ]
  return firstOf(scope, ways, () => text(scope))
}

/**
 * The first way that the scope allows, in random order; nothing is combined with itself, nor are constants with
 * constants. Where too little is in sight for any way, the fallback.
 */
function firstOf(
  {random}: Scope,
  ways: readonly (() => Expression | undefined)[],
  fallback: () => Expression,
): Expression {
  for (let tries = 0; tries < 24; tries++) {
    const found = pick(random, ways)()
    if (found !== undefined && !isIdle(found)) return found
  }
  return fallback()
}

function isIdle(expression: Expression): boolean {
  const operands = operandsOf(expression)
  const distinct = new Set(operands.map((operand) => JSON.stringify(operand))).size
  return operands.length > 0 && (distinct < operands.length || operands.every(({kind}) => kind === 'literal'))
}

function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'binary':
      return [expression.left, expression.right]
    case 'choice':
      return [expression.yes, expression.no]
    case 'not':
      return [expression.of]
    case 'library':
      return expression.values
    default:
      return []
  }
}

export function anyOf(scope: Scope, kind: 'list' | 'map'): Variable | undefined {
  const fitting = variablesOf(scope, (type) => type.kind === kind)
  return fitting.length === 0 ? undefined : pick(scope.random, fitting)
}

function getter(scope: Scope): Expression | undefined {
  const objects = variablesOf(scope, ({kind}) => kind === 'class')
  if (objects.length === 0) return undefined
  return {kind: 'getter', target: pick(scope.random, objects).expression, property: propertyName(scope)}
}

export function className(scope: Scope): string {
  const identifier = freshIdentifier(scope)
  return identifier.slice(0, 1).toUpperCase() + identifier.slice(1)
}

/** A name or a number: what the second operand of a substring has to be, which C# writes twice. */
function simpleInteger(scope: Scope): Expression {
  return variableOf(scope, INT) ?? number(scope)
}

function number({random}: Scope): Expression {
  return literal(String(between(random, 0, 99)))
}

export function text({random}: Scope): Expression {
  return literal(`"${pick(random, WORDS)}"`)
}

function literal(written: string): Expression {
  return {kind: 'literal', text: written}
}

function binary(operator: string, left: Expression, right: Expression): Expression {
  return {kind: 'binary', operator, left, right}
}

function library(name: Library, ...values: readonly Expression[]): Expression {
  return {kind: 'library', name, values}
}
