import {type ArrayGraph, openArrayGraph} from '../engine/array-graph.ts'
import type {MuonBlock} from './muon-blocks.ts'
import {orthogonaliseGraph} from './orthogonalise-graph.ts'

export interface MuonOptions {
  readonly learningRate: number
  readonly weightDecay: number
  readonly gradientScale: number
}

/** Momentum of the matrices' gradients; Nesterov's form. */
const MOMENTUM = 0.95
/** Root mean square of an update, as Moonlight (arXiv 2502.16982) sets it so that rates fit AdamW's. */
const UPDATE_SIZE = 0.2

/** The matrices of one size, orthogonalised together. */
export interface MuonGroup {
  /** Momentum by parameter index is the caller's, since it is kept between runs of the program. */
  step(
    gradients: readonly Float32Array[],
    momenta: readonly Float32Array[],
    options: MuonOptions,
  ): Promise<void>
  close(): Promise<void>
}

/** Opens the graph that orthogonalises a group. */
export async function openMuonGroup(blocks: readonly MuonBlock[], threads: number): Promise<MuonGroup> {
  const {rows = 0, columns = 0} = blocks[0] ?? {}
  const size = rows * columns
  const dims = [blocks.length, rows, columns]
  const graph: ArrayGraph = await openArrayGraph(orthogonaliseGraph(blocks.length, rows, columns), threads)
  const matrices = new Float32Array(blocks.length * size)
  const orthogonal = new Float32Array(blocks.length * size)
  return {
    step: async (gradients, momenta, options) => {
      for (const [at, block] of blocks.entries())
        gather(
          block,
          gradients[block.index]!,
          momenta[block.index]!,
          matrices.subarray(at * size, (at + 1) * size),
          options.gradientScale,
        )
      await graph.run({matrices: {data: matrices, dims}}, {orthogonal: {data: orthogonal, dims}})
      for (const [at, block] of blocks.entries())
        apply(block, orthogonal.subarray(at * size, (at + 1) * size), options)
    },
    close: () => graph.close(),
  }
}

/** Moves the momentum on and writes the direction of this step, (rows, columns). */
function gather(
  {parameter, rows, firstColumn, columns}: MuonBlock,
  gradient: Float32Array,
  momentum: Float32Array,
  direction: Float32Array,
  scale: number,
): void {
  const width = parameter.dims[1] ?? 0
  const share = (1 - MOMENTUM) * scale
  let to = 0
  for (let row = 0; row < rows; row++) {
    const first = row * width + firstColumn
    const end = first + columns
    for (let at = first; at < end; at++) {
      const slope = share * gradient[at]!
      const moved = MOMENTUM * momentum[at]! + slope
      momentum[at] = moved
      direction[to++] = MOMENTUM * moved + slope
    }
  }
}

function apply(
  {parameter, rows, firstColumn, columns}: MuonBlock,
  orthogonal: Float32Array,
  {learningRate, weightDecay}: MuonOptions,
): void {
  const {values} = parameter
  const width = parameter.dims[1] ?? 0
  const kept = 1 - learningRate * weightDecay
  const size = learningRate * UPDATE_SIZE * Math.sqrt(Math.max(rows, columns))
  let from = 0
  for (let row = 0; row < rows; row++) {
    const first = row * width + firstColumn
    const end = first + columns
    for (let at = first; at < end; at++) values[at] = values[at]! * kept - size * orthogonal[from++]!
  }
}
