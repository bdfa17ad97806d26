import {type ArrayGraph, openArrayGraph} from '../engine/array-graph.ts'
import {
  type BatchShape,
  type TrainingGraph,
  type TrainingGraphOptions,
  trainingGraph,
} from './training-graph.ts'

export interface OpenedTrainingGraph extends TrainingGraph {
  readonly run: ArrayGraph['run']
}

/** Graphs kept open; one more closes the one that was not used for longest. Each holds the activations of its batch. */
const MOST_OPEN = 8

/** Opens training graphs by the shape of the batch, and keeps those in use. */
export class GraphCache {
  readonly #options: Omit<TrainingGraphOptions, 'batch'>
  readonly #threads: number
  readonly #open = new Map<string, {readonly graph: TrainingGraph; readonly opened: ArrayGraph}>()

  constructor(options: Omit<TrainingGraphOptions, 'batch'>, threads: number) {
    this.#options = options
    this.#threads = threads
  }

  async graphFor(batch: BatchShape): Promise<OpenedTrainingGraph> {
    const key = `${batch.rows} ${batch.sourceLength} ${batch.targetLength}`
    let entry = this.#open.get(key)
    this.#open.delete(key)
    if (entry === undefined) {
      const graph = trainingGraph({...this.#options, batch})
      entry = {graph, opened: await openArrayGraph(graph.bytes, this.#threads)}
    }
    this.#open.set(key, entry)
    const [oldest] = this.#open
    if (this.#open.size > MOST_OPEN && oldest !== undefined) {
      this.#open.delete(oldest[0])
      await oldest[1].opened.close()
    }
    return {...entry.graph, run: entry.opened.run}
  }

  async close(): Promise<void> {
    for (const {opened} of this.#open.values()) await opened.close()
    this.#open.clear()
  }
}
