import {type NetworkShape, networkTensors} from '../onnx/network/shape.ts'
import {seededRandom} from '../stats/random.ts'

/** Weights that change, as the training graph takes them. */
export interface Parameter {
  readonly name: string
  /** Linear weights (inputs, outputs): the transpose of how they are stored. */
  readonly dims: readonly number[]
  readonly values: Float32Array
}

const DEVIATION = 0.02

/**
 * Normal matrices and embedding (standard deviation 0.02), gains 1, biases 0, and zero for what each residual branch ends
 * in (attention output, feed-forward down), so that every layer begins as the identity. Equal seeds give equal bytes.
 * @param dims by parameter, as the training graph has them
 */
export function initialWeights(
  shape: NetworkShape,
  dims: ReadonlyMap<string, readonly number[]>,
  seed: number,
): readonly Parameter[] {
  const normal = normalNumbers(seed)
  return networkTensors(shape).map(({name}) => {
    const axes = dims.get(name) ?? []
    const values = new Float32Array(axes.reduce((product, dim) => product * dim, 1))
    if (name.endsWith('norm')) values.fill(1)
    else if (axes.length === 2 && !/\.(output|down)\.weight$/.test(name))
      for (let at = 0; at < values.length; at++) values[at] = DEVIATION * normal()
    return {name, dims: axes, values}
  })
}

/** Box-Muller, one number a draw. */
function normalNumbers(seed: number): () => number {
  const {float} = seededRandom(seed)
  return () => Math.sqrt(-2 * Math.log(1 - float())) * Math.cos(2 * Math.PI * float())
}
