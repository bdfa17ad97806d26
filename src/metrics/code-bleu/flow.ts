/** A token whose value comes from others. */
export interface Flow {
  readonly name: string
  readonly position: number
  readonly relation: 'comesFrom' | 'computedFrom'
  /** Names and positions of the sources, without repeats; they need not be equally many. */
  readonly fromNames: readonly string[]
  readonly fromPositions: readonly number[]
}

/** Where each variable got its value: name to positions. */
export type States = ReadonlyMap<string, readonly number[]>
/** What a part of the code does: its flows, and where the variables come from after it. */
export interface Traced {
  readonly flows: readonly Flow[]
  readonly states: States
}

/** Flows in the order of their tokens. */
export function byPosition({flows, states}: Traced): Traced {
  return {flows: flows.toSorted((a, b) => a.position - b.position), states}
}

/** Flows of a loop that was read twice: those of one token and relation become one. */
export function merged({flows, states}: Traced): Traced {
  const byToken = new Map<string, Flow>()
  for (const flow of flows) {
    const key = `${flow.position} ${flow.relation} ${flow.name}`
    const before = byToken.get(key)
    byToken.set(key, before === undefined ? flow : joinedFlow(before, flow))
  }
  return byPosition({flows: [...byToken.values()], states})
}

/** One flow with the sources of both. CodeBLEU orders the names by a hash that changes from run to run; here the first stands first. */
export function joinedFlow(first: Flow, second: Flow): Flow {
  return {
    ...first,
    fromNames: [...new Set([...first.fromNames, ...second.fromNames])],
    fromPositions: rising([...first.fromPositions, ...second.fromPositions]),
  }
}

/** Ascending, without repeats. */
export function rising(positions: readonly number[]): number[] {
  return [...new Set(positions)].sort((a, b) => a - b)
}
