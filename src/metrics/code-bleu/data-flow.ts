import {type CodeToken, type CodeTokens, isToken, variableTokens} from './code-tokens.ts'
import {byPosition, type Flow, merged, rising, type States, type Traced} from './flow.ts'
import {childOf, type FlowRules} from './flow-rules.ts'
import type {SyntaxNode} from './syntax-tree.ts'

/** Bodies of loops are read twice, nested ones four times and so on: a text of sixty `while` would never end. */
const MOST_VISITS = 200_000
/** Calls that a stack surely holds. CodeBLEU's own limit, Python's, is 1,000. */
const DEEPEST = 1000

/** Thrown, and caught in this file alone, where CodeBLEU raises an exception: the code then has no data flow. */
const UNTRACEABLE = new Error('a part that a rule wants is not there')

/**
 * The data flow of CodeBLEU's `DFG_java` and `DFG_csharp` (CodeXGLUE @ac74a62), by their rules with today's node names.
 * Code that lacks a part that a rule wants, or that is nested beyond all sense, has none.
 */
export function dataFlow(root: SyntaxNode, tokens: CodeTokens, rules: FlowRules): readonly Flow[] {
  let visits = 0
  const trace = (node: SyntaxNode, states: States, depth: number): Traced => {
    visits += 1
    if (visits > MOST_VISITS || depth > DEEPEST) throw UNTRACEABLE
    const below = (child: SyntaxNode, from: States): Traced => trace(child, from, depth + 1)
    if (isToken(node)) return ofToken(node, states, tokens)
    if (node.type === 'variable_declarator') return ofDeclaration(node, states, tokens, rules, below)
    if (node.type === 'assignment_expression') return ofAssignment(node, states, tokens, below)
    if (node.type === rules.increment) return ofIncrement(node, states, tokens)
    if (node.type === 'if_statement') return ofIf(node, states, below)
    if (node.type === 'for_statement') return ofFor(node, states, rules, below)
    if (node.type === rules.forEach) return ofForEach(node, states, tokens, rules, below)
    if (node.type === 'while_statement')
      return merged(inTurn([...node.children, ...node.children], states, below))
    return byPosition(inTurn(node.children, states, below))
  }
  try {
    return trace(root, new Map(), 0).flows
  } catch (error) {
    if (error === UNTRACEABLE) return []
    throw error
  }
}

type Below = (child: SyntaxNode, states: States) => Traced

function ofToken(node: SyntaxNode, states: States, tokens: CodeTokens): Traced {
  const {text: name, position} = present(tokens(node))
  if (node.type === name) return {flows: [], states}
  const known = states.get(name)
  const flow = {
    name,
    position,
    relation: 'comesFrom',
    fromNames: known ? [name] : [],
    fromPositions: known ?? [],
  } as const
  const isNew = known === undefined && node.type === 'identifier'
  return {flows: [flow], states: isNew ? new Map([...states, [name, [position]]]) : states}
}

function ofDeclaration(
  node: SyntaxNode,
  states: States,
  tokens: CodeTokens,
  rules: FlowRules,
  below: Below,
): Traced {
  const {name, value} = rules.declared(node)
  const names = variableTokens(present(name), tokens)
  if (value !== undefined) {
    const traced = below(value, states)
    return assigned(traced, names, variableTokens(value, tokens), 'comesFrom')
  }
  const flows = names.map(
    ({text, position}): Flow => ({
      name: text,
      position,
      relation: 'comesFrom',
      fromNames: [],
      fromPositions: [],
    }),
  )
  return byPosition({flows, states: withPositions(states, names)})
}

function ofAssignment(node: SyntaxNode, states: States, tokens: CodeTokens, below: Below): Traced {
  const right = present(childOf(node, 'right'))
  const left = present(childOf(node, 'left'))
  return assigned(
    below(right, states),
    variableTokens(left, tokens),
    variableTokens(right, tokens),
    'computedFrom',
  )
}

function ofIncrement(node: SyntaxNode, states: States, tokens: CodeTokens): Traced {
  const names = variableTokens(node, tokens)
  return assigned({flows: [], states}, names, names, 'computedFrom')
}

/** The condition and the first branch run on; what follows starts from the state before, and afterwards all may hold. */
function ofIf(node: SyntaxNode, states: States, below: Below): Traced {
  const branchAt = node.children.findIndex(({type}) => type === 'if_statement' || type === 'else')
  const first = branchAt < 0 ? node.children : node.children.slice(0, branchAt)
  const straight = inTurn(first, states, below)
  const others = node.children.slice(first.length).map((child) => below(child, states))
  const hasElse = node.children.some(({type}) => type.includes('else'))
  const ends = [...others.map((branch) => branch.states), straight.states, ...(hasElse ? [] : [states])]
  const together = new Map<string, readonly number[]>()
  for (const end of ends)
    for (const [name, positions] of end) together.set(name, [...(together.get(name) ?? []), ...positions])
  return byPosition({
    flows: [...straight.flows, ...others.flatMap(({flows}) => flows)],
    states: new Map([...together].map(([name, positions]) => [name, rising(positions)])),
  })
}

/** All parts once, and those after the loop's variable again. */
function ofFor(node: SyntaxNode, states: States, {loopVariable}: FlowRules, below: Below): Traced {
  const variableAt = node.children.findIndex(({type}) => type === loopVariable)
  const again = variableAt < 0 ? [] : node.children.slice(variableAt + 1)
  return merged(inTurn([...node.children, ...again], states, below))
}

function ofForEach(
  node: SyntaxNode,
  states: States,
  tokens: CodeTokens,
  rules: FlowRules,
  below: Below,
): Traced {
  const [name, value, body] = [rules.forEachName, rules.forEachValue, 'body'].map((field) =>
    present(childOf(node, field)),
  ) as [SyntaxNode, SyntaxNode, SyntaxNode] // three fields give three nodes
  const names = variableTokens(name, tokens)
  let flows: readonly Flow[] = []
  let current = states
  for (let round = 0; round < 2; round += 1) {
    const head = assigned(below(value, current), names, variableTokens(value, tokens), 'computedFrom', false)
    const inside = below(body, head.states)
    flows = [...flows, ...head.flows, ...inside.flows]
    current = inside.states
  }
  return merged({flows, states: current})
}

/** Adds a flow from each source to each name, and lets the names hold the new value. */
function assigned(
  {flows, states}: Traced,
  names: readonly CodeToken[],
  sources: readonly CodeToken[],
  relation: Flow['relation'],
  isSorted = true,
): Traced {
  const added = names.flatMap(({text, position}) =>
    sources.map(
      (source): Flow => ({
        name: text,
        position,
        relation,
        fromNames: [source.text],
        fromPositions: [source.position],
      }),
    ),
  )
  const traced = {flows: [...flows, ...added], states: withPositions(states, names)}
  return isSorted ? byPosition(traced) : traced
}

function withPositions(states: States, names: readonly CodeToken[]): States {
  return new Map([...states, ...names.map(({text, position}) => [text, [position]] as const)])
}

function inTurn(nodes: readonly SyntaxNode[], states: States, below: Below): Traced {
  const flows: Flow[] = []
  let current = states
  for (const node of nodes) {
    const traced = below(node, current)
    for (const flow of traced.flows) flows.push(flow)
    current = traced.states
  }
  return {flows, states: current}
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw UNTRACEABLE
  return value
}
