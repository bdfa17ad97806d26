import type {NetworkShape} from '../onnx/network/shape.ts'
import {adamWStep} from './adamw.ts'
import type {Parameter} from './initial-weights.ts'
import {type MuonGroup, openMuonGroup} from './muon.ts'
import {isMuonMatrix, muonBlocks} from './muon-blocks.ts'

export interface OptimizerOptions {
  /** `muon`: matrices by Muon, embedding, gains and biases by AdamW; `adamw`: all by AdamW. */
  readonly kind: 'muon' | 'adamw'
  /** Of the matrices. */
  readonly learningRate: number
  /** Of the embedding, gains and biases. */
  readonly otherLearningRate: number
  /** Of matrices and embedding. */
  readonly weightDecay: number
  readonly beta1: number
  readonly beta2: number
  /** Longest gradient, over all parameters together; a longer one is shortened to it. */
  readonly clip: number
}

/** What is kept between steps, by name; saved and restored as it is. */
export type OptimizerState = ReadonlyMap<string, Float32Array>

export interface Optimizer {
  readonly state: OptimizerState
  /** Moves the parameters; `step` counts from 1. Returns the length of the gradient before clipping. */
  step(gradients: readonly Float32Array[], step: number, rateFactor: number): Promise<number>
  close(): Promise<void>
}

/** Opens an optimizer over parameters that it changes in place. */
export async function openOptimizer(
  shape: NetworkShape,
  parameters: readonly Parameter[],
  options: OptimizerOptions,
  threads: number,
): Promise<Optimizer> {
  const isMuon = (parameter: Parameter): boolean => options.kind === 'muon' && isMuonMatrix(parameter)
  const groups: MuonGroup[] = []
  if (options.kind === 'muon')
    for (const blocks of muonBlocks(shape, parameters)) groups.push(await openMuonGroup(blocks, threads))
  const state = new Map<string, Float32Array>()
  const keep = (parameter: Parameter, what: string): Float32Array => {
    const values = new Float32Array(parameter.values.length)
    state.set(`${what}.${parameter.name}`, values)
    return values
  }
  const firsts = parameters.map((parameter) => keep(parameter, isMuon(parameter) ? 'momentum' : 'first'))
  const seconds = parameters.map((parameter) => (isMuon(parameter) ? undefined : keep(parameter, 'second')))
  return {
    state,
    step: async (gradients, step, rateFactor) => {
      const length = Math.sqrt(gradients.reduce((total, gradient) => total + squares(gradient), 0))
      const gradientScale = length > options.clip ? options.clip / length : 1
      for (const group of groups)
        await group.step(gradients, firsts, {
          learningRate: options.learningRate * rateFactor,
          weightDecay: options.weightDecay,
          gradientScale,
        })
      for (const [index, parameter] of parameters.entries()) {
        const second = seconds[index]
        if (second === undefined) continue
        const rate = isMuonMatrix(parameter) ? options.learningRate : options.otherLearningRate
        adamWStep(
          parameter.values,
          gradients[index]!,
          {first: firsts[index]!, second},
          {
            beta1: options.beta1,
            beta2: options.beta2,
            learningRate: rate * rateFactor,
            weightDecay: parameter.dims.length === 2 ? options.weightDecay : 0,
            step,
            gradientScale,
          },
        )
      }
      return length
    },
    close: async () => {
      for (const group of groups) await group.close()
    },
  }
}

/** Four sums side by side: one alone waits for each addition. */
function squares(values: Float32Array): number {
  let [first, second, third, fourth] = [0, 0, 0, 0]
  const whole = values.length - (values.length % 4)
  for (let at = 0; at < whole; at += 4) {
    first += values[at]! * values[at]!
    second += values[at + 1]! * values[at + 1]!
    third += values[at + 2]! * values[at + 2]!
    fourth += values[at + 3]! * values[at + 3]!
  }
  for (let at = whole; at < values.length; at++) first += values[at]! * values[at]!
  return first + second + third + fourth
}
