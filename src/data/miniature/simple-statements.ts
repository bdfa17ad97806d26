import {chance, pick} from './choose.ts'
import {anyOf, expressionOf, text} from './code-expressions.ts'
import {freshIdentifier, methodName, propertyName, type Scope, variablesOf} from './code-scope.ts'
import {BOOLEAN, INT, STRING, type Statement} from './code-tree.ts'

/** Kinds of statements that hold no others. */
export const SIMPLE = [
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
] as const
export type SimpleKind = (typeof SIMPLE)[number]

/** A statement of the kind; undefined when nothing fit for it is in sight. */
export function simpleStatement(scope: Scope, kind: SimpleKind): Statement | undefined {
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
