import {type ArrayGraph, openArrayGraph} from '../engine/array-graph.ts'
import {type TrainingGraph, type TrainingGraphOptions, trainingGraph} from './training-graph.ts'

export interface OpenedTrainingGraph extends TrainingGraph {
  readonly run: ArrayGraph['run']
}

/** A training graph that is opened when it is first wanted. It takes batches of any size. */
export class TrainingSession {
  readonly #options: TrainingGraphOptions
  readonly #threads: number
  #opened: {readonly graph: TrainingGraph; readonly session: ArrayGraph} | undefined

  constructor(options: TrainingGraphOptions, threads: number) {
    this.#options = options
    this.#threads = threads
  }

  async open(): Promise<OpenedTrainingGraph> {
    if (this.#opened === undefined) {
      const graph = trainingGraph(this.#options)
      this.#opened = {graph, session: await openArrayGraph(graph.bytes, this.#threads)}
    }
    const {graph, session} = this.#opened
    return {...graph, run: session.run}
  }

  async close(): Promise<void> {
    await this.#opened?.session.close()
    this.#opened = undefined
  }
}
