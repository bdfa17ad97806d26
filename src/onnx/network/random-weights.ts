import {createHash} from 'node:crypto'
import {type NetworkShape, networkTensors} from './shape.ts'
import type {WeightSource} from './weight-source.ts'

/** Normal numbers drawn once and read from different places: a billion weights in seconds. */
const DRAWN = 2 ** 20

/**
 * Untrained weights: matrices and the embedding normal, biases small, norms near 1. Equal seeds give equal bytes. Speeds
 * measured on such a network are valid, what it writes means nothing.
 * @param spread standard deviation of a matrix, times the square root of its inputs; 1 keeps the size of activations.
 */
export function randomWeights(shape: NetworkShape, seed: number, spread: number): WeightSource {
  const dims = new Map(networkTensors(shape).map((tensor) => [tensor.name, tensor.dims]))
  const normal = normalNumbers(seed)
  return (name) => {
    const axes = dims.get(name) ?? []
    const values = new Float32Array(axes.reduce((product, dim) => product * dim, 1))
    const isNorm = name.endsWith('norm')
    const deviation = axes.length === 2 ? spread / Math.sqrt(axes[1] ?? 1) : isNorm ? 0.1 : 0.02
    let at = startOf(name, seed)
    // A step coprime to the table's length visits all of it; another one for each tensor hides the repetition.
    const stride = 2 * (at % 499) + 1
    for (let index = 0; index < values.length; index++) {
      values[index] = normal[at]! * deviation + (isNorm ? 1 : 0)
      at = (at + stride) % DRAWN
      if (index % DRAWN === DRAWN - 1) at = (at + 1) % DRAWN
    }
    return values
  }
}

function startOf(name: string, seed: number): number {
  return createHash('sha256').update(`${seed} ${name}`).digest().readUInt32LE(0) % DRAWN
}

/** Box-Muller over a 32-bit mixing generator (splitmix32). */
function normalNumbers(seed: number): Float32Array {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
  const numbers = new Float32Array(DRAWN)
  for (let index = 0; index < DRAWN; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    numbers[index] = radius * Math.cos(angle)
    numbers[index + 1] = radius * Math.sin(angle)
  }
  return numbers
}
