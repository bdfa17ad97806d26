import {transpose} from '../onnx/network/quantized.ts'
import type {WeightSource} from '../onnx/network/weight-source.ts'
import type {Parameter} from './initial-weights.ts'

/** Trained weights as the exported graphs are written from them: linear ones turned back to (outputs, inputs). */
export function weightSource(parameters: readonly Parameter[]): WeightSource {
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]))
  return (name) => {
    const parameter = byName.get(name)
    if (parameter === undefined) throw new Error(`the network has no weight ${name}`)
    const [inputs = 0, outputs = 0] = parameter.dims
    return name.endsWith('.weight') ? transpose(parameter.values, inputs, outputs) : parameter.values
  }
}
