import {between, chance, pick, randomOf, weighted} from './choose.ts'
import {className, expressionOf} from './code-expressions.ts'
import {printMethod} from './code-printer.ts'
import {freshIdentifier, methodName, randomType, type Scope, type Variable} from './code-scope.ts'
import {blockOf, isHeldOutNesting} from './code-statements.ts'
import {type Block, type CodeType, type Method, type Statement, VOID} from './code-tree.ts'
import {CSHARP} from './csharp-language.ts'
import {JAVA} from './java-language.ts'
import type {Miniature, Paraphrase} from './miniature.ts'
import {chooseParaphrase} from './phrases.ts'

/** Longer methods are thrown away: small models read few tokens. */
const LONGEST = 480

/**
 * Java methods and their C#, printed from one typed tree. Held out from training are a fifth of the names and a fifth
 * of the ways to nest one statement in another; a fifth of dev and test has such a nesting.
 */
export const codexMini: Miniature = (split, seed, number) => {
  const random = randomOf('codex-mini', split, seed, number)
  const paraphrase = chooseParaphrase(random, split)
  for (;;) {
    const scope: Scope = {random, split, variables: [], taken: new Set(), around: []}
    const method = makeMethod(scope, paraphrase)
    const java = printMethod(method, JAVA)
    const isFit = java.length <= LONGEST && (paraphrase === 'held-out') === hasHeldOutNesting(method.body)
    if (!isFit) continue
    const row = {id: `codex-mini-${split}-${number}`, java, cs: printMethod(method, CSHARP)}
    return [{...row, statements: countStatements(method.body), paraphrase}]
  }
}

function makeMethod(outer: Scope, paraphrase: Paraphrase): Method {
  const {random} = outer
  const binding = weighted(random, {plain: 0.55, override: 0.2, static: 0.1, final: 0.15})
  const parameters = Array.from({length: between(random, 1, 3)}, () => ({
    type: parameterType(outer),
    name: freshIdentifier(outer),
  }))
  // A static method has no fields in sight.
  const fields = Array.from({length: binding === 'static' ? 0 : between(random, 1, 2)}, () =>
    freshVariable(outer),
  )
  const known: Variable[] = [
    ...fields,
    ...parameters.map(({type, name}): Variable => ({type, expression: {kind: 'name', name}})),
  ]
  const scope = {...outer, variables: known}
  const allows =
    paraphrase === 'seen' ? (around: string, kind: string) => !isHeldOutNesting(around, kind) : () => true
  const {block, scope: end} = blockOf(scope, between(random, 1, 4), allows)
  const access = weighted(random, {public: 0.75, protected: 0.15, private: 0.1})
  const head = {
    access: binding === 'override' ? 'public' : access,
    binding,
    throws: chance(random, 0.2),
    parameters,
  } as const
  if (binding === 'plain' && chance(random, 0.12))
    return {...head, result: undefined, name: className(scope), body: block}
  const result = chance(random, 0.35) ? VOID : pick(random, known).type
  const body = result.kind === 'void' ? block : [...block, returned(end, result)]
  return {...head, result, name: methodName(scope), body}
}

function parameterType(scope: Scope): CodeType {
  return chance(scope.random, 0.15) ? {kind: 'class', name: className(scope)} : randomType(scope.random)
}

function freshVariable(scope: Scope): Variable {
  return {type: randomType(scope.random), expression: {kind: 'field', name: freshIdentifier(scope)}}
}

function returned(scope: Scope, type: CodeType): Statement {
  return {kind: 'return', value: expressionOf(scope, type, 2)}
}

function blocksIn(statement: Statement): readonly Block[] {
  switch (statement.kind) {
    case 'if':
      return statement.no === undefined ? [statement.yes] : [statement.yes, statement.no]
    case 'try':
      return [statement.body]
    case 'while':
    case 'count':
    case 'each':
    case 'entries':
    case 'lock':
      return [statement.body]
    default:
      return []
  }
}

function hasHeldOutNesting(block: Block): boolean {
  return block.some((statement) =>
    blocksIn(statement).some(
      (inner) => inner.some(({kind}) => isHeldOutNesting(statement.kind, kind)) || hasHeldOutNesting(inner),
    ),
  )
}

function countStatements(block: Block): number {
  return block.reduce(
    (sum, statement) => sum + 1 + blocksIn(statement).reduce((inner, one) => inner + countStatements(one), 0),
    0,
  )
}
