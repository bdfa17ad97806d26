import type {Random} from '../../stats/random.ts'
import {chance, pick} from './choose.ts'
import {type CodeType, type Expression, sameType} from './code-tree.ts'
import type {MiniatureSplit} from './miniature.ts'
import {isHeldOut, words} from './names.ts'
import {sentence} from './phrases.ts'

const NOUNS = words(
  'user order item price label entry list node page file path block value index token color size width height score level state group query row event buffer table record cell chunk cursor branch commit field shape style font term',
)
const VERBS = words(
  'get set find load save add remove update check build parse read write count merge create reset apply print send copy visit match resolve',
)

export interface Variable {
  readonly type: CodeType
  readonly expression: Expression
}

/** What is in sight at a place of the code, and the names that are still free. */
export interface Scope {
  readonly random: Random
  readonly split: MiniatureSplit
  readonly variables: readonly Variable[]
  /** Names in use anywhere in the method; shared by all its scopes. */
  readonly taken: Set<string>
  /** Kinds of the statements around this place, outermost first. */
  readonly around: readonly string[]
}

/** A name of two nouns that nothing else in the method has; a fifth of the pairs is kept from training. */
export function freshIdentifier({random, split, taken}: Scope): string {
  for (;;) {
    const [i, j] = [random.below(NOUNS.length), random.below(NOUNS.length)]
    const identifier = NOUNS[i]! + sentence(NOUNS[j]!)
    if (i === j || isHeldOut(i, j) !== (split !== 'train') || taken.has(identifier)) continue
    taken.add(identifier)
    return identifier
  }
}

export function methodName(scope: Scope): string {
  return pick(scope.random, VERBS) + sentence(freshIdentifier(scope))
}

/** A property has one noun, as getters have in real code. */
export function propertyName({random}: Scope): string {
  return pick(random, NOUNS)
}

export function variablesOf(scope: Scope, fits: (type: CodeType) => boolean): readonly Variable[] {
  return scope.variables.filter(({type}) => fits(type))
}

export function variableOf(scope: Scope, type: CodeType): Expression | undefined {
  const fitting = variablesOf(scope, (other) => sameType(type, other))
  return fitting.length === 0 ? undefined : pick(scope.random, fitting).expression
}

/** The scope inside a statement, with what it declares. */
export function inside(scope: Scope, kind: string, ...declared: readonly Variable[]): Scope {
  return {...scope, variables: [...scope.variables, ...declared], around: [...scope.around, kind]}
}

export function withVariable(scope: Scope, variable: Variable): Scope {
  return {...scope, variables: [...scope.variables, variable]}
}

/** A type for a parameter or field; items of lists and maps are plain. */
export function randomType(random: Random): CodeType {
  if (chance(random, 0.6)) return plainType(random)
  if (chance(random, 0.6)) return {kind: 'list', of: plainType(random)}
  return {kind: 'map', key: {kind: 'string'}, value: plainType(random)}
}

function plainType(random: Random): CodeType {
  return {kind: pick(random, ['int', 'int', 'long', 'boolean', 'string', 'string', 'double'] as const)}
}
