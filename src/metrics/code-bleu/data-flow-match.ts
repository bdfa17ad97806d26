import {codeTokens} from './code-tokens.ts'
import {dataFlow} from './data-flow.ts'
import {type Flow, joinedFlow} from './flow.ts'
import type {FlowRules} from './flow-rules.ts'
import type {SyntaxTree} from './syntax-tree.ts'

/** Flows with their variables renamed in order of appearance, each as one text: what is compared. */
export function normalisedFlows(tree: SyntaxTree, rules: FlowRules): string[] {
  const renamed = new Map<string, string>()
  const rename = (name: string): string => {
    const known = renamed.get(name) ?? `var_${renamed.size}`
    renamed.set(name, known)
    return known
  }
  return flowsOf(tree, rules).map(({name, relation, fromNames}) => {
    const sources = fromNames.map(rename)
    return `${rename(name)} ${relation} ${sources.join(' ')}`
  })
}

/** How many of the reference's flows the candidate has, each of the candidate's used once. */
export function matchedFlows(candidate: readonly string[], reference: readonly string[]): number {
  const left = new Map<string, number>()
  for (const flow of candidate) left.set(flow, (left.get(flow) ?? 0) + 1)
  let matched = 0
  for (const flow of reference) {
    const count = left.get(flow) ?? 0
    if (count === 0) continue
    left.set(flow, count - 1)
    matched += 1
  }
  return matched
}

/** Flows of tokens that are linked to any other, one for each token. */
function flowsOf(tree: SyntaxTree, rules: FlowRules): readonly Flow[] {
  const flows = dataFlow(tree.root, codeTokens(tree), rules).toSorted((a, b) => a.position - b.position)
  const linked = new Set<number>()
  for (const {position, fromPositions} of flows) {
    if (fromPositions.length > 0) linked.add(position)
    for (const from of fromPositions) linked.add(from)
  }
  const byPosition = new Map<number, Flow>()
  for (const flow of flows) {
    if (!linked.has(flow.position)) continue
    const before = byPosition.get(flow.position)
    byPosition.set(flow.position, before === undefined ? flow : joinedFlow(before, flow))
  }
  return [...byPosition.values()]
}
