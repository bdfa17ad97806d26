import type {PackedRows} from '../onnx/network/internal-layers.ts'
import {type NetworkShape, queryWidth} from '../onnx/network/shape.ts'
import type {GraphBuilder} from '../onnx/write/graph-builder.ts'
import type {Tape} from './gradient/tape.ts'

export interface PackedInputs extends PackedRows {
  /** int64 (rows, length): which token stands there, -1 for padding */
  readonly places: string
}

/**
 * Adds the inputs that tell where the tokens of a side stand: `<side>_places` and, the other way, `<side>_positions` (tokens),
 * row * length + position. Only attention sees padding; a fifth of all positions is padding in a CodeXGLUE training.
 */
export function packedRows(
  graph: GraphBuilder,
  tape: Tape,
  side: 'source' | 'target',
  shape: NetworkShape,
): PackedInputs {
  const places = graph.input(`${side}_places`, 'int64', ['rows', `${side}_length`])
  const positions = graph.input(`${side}_positions`, 'int64', [`${side}_tokens`])
  tape.inverses.set(places, positions)
  const flat = graph.integers([-1, queryWidth(shape)])
  return {
    places,
    // -1 is the last token: padded keys are hidden, and padded queries are not read again.
    toRows: (x) => graph.node('Gather', [x, places]),
    toTokens: (x) => graph.node('Gather', [graph.node('Reshape', [x, flat]), positions]),
  }
}
