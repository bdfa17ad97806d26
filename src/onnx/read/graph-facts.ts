import {SlmError} from '../../errors.ts'
import {readWholeFile} from './file.ts'
import {allGraphs, allNodes, type Model, readModel, type ValueInfo} from './model.ts'
import {elementCount} from './tensor.ts'

/** What an ONNX file says about itself, without running it: inputs and outputs by name, operators, where its weights lie. */
export interface GraphFacts {
  /** Version of the standard operator set. */
  readonly opset: number
  /** Versions of all operator sets by domain; the standard one is ''. */
  readonly domains: ReadonlyMap<string, number>
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  /** How often each operator occurs, nested graphs and functions included. */
  readonly operators: ReadonlyMap<string, number>
  /** `accuracy_level` of every MatMulNBits, 0 where it is not set. */
  readonly matMulNBitsLevels: readonly number[]
  /** True when activations are quantised with a scale taken from the whole tensor: rows then depend on their neighbours. */
  readonly hasDynamicQuantize: boolean
  /** Locations of external data, relative to the graph's folder, sorted. */
  readonly externalFiles: readonly string[]
  readonly initializers: {
    readonly count: number
    /** Elements by data type, e.g. `float32` or `uint8`. */
    readonly elements: ReadonlyMap<string, number>
  }
}

const WHOLE_TENSOR_QUANTIZERS = new Set([
  'DynamicQuantizeLinear',
  'DynamicQuantizeMatMul',
  'DynamicQuantizeLSTM',
  'MatMulIntegerToFloat',
  'MatMulInteger',
  'QAttention',
])

/** Reads an ONNX file from disk. A file that is cut or hostile ends in one SlmError that names it. */
export function readGraphFacts(path: string): GraphFacts {
  return graphFacts(readModelFile(path))
}

export function readModelFile(path: string): Model {
  try {
    return readModel(readWholeFile(path))
  } catch (error) {
    throw error instanceof SlmError && error.code === 'protobuf-broken'
      ? new SlmError('onnx-broken', `${path}: ${error.message}`, {hint: error.hint ?? '', cause: error})
      : error
  }
}

export function graphFacts(model: Model): GraphFacts {
  const operators = new Map<string, number>()
  const matMulNBitsLevels: number[] = []
  for (const node of allNodes(model)) {
    operators.set(node.operator, (operators.get(node.operator) ?? 0) + 1)
    if (node.operator === 'MatMulNBits')
      matMulNBitsLevels.push(node.attributes.get('accuracy_level')?.integer ?? 0)
  }
  const initializers = [...allGraphs(model.graph)].flatMap((graph) => graph.initializers)
  const elements = new Map<string, number>()
  const externalFiles = new Set<string>()
  for (const {dataType, dims, data} of initializers) {
    elements.set(dataType, (elements.get(dataType) ?? 0) + elementCount(dims))
    if (data.kind === 'external') externalFiles.add(data.location)
  }
  const names = new Set(initializers.map(({name}) => name))
  return {
    opset: model.opsets.get('') ?? 0,
    domains: model.opsets,
    // Graphs of IR version 3 list their weights among the inputs too.
    inputs: model.graph.inputs.filter(({name}) => !names.has(name)),
    outputs: model.graph.outputs,
    operators,
    matMulNBitsLevels,
    hasDynamicQuantize: [...operators.keys()].some((operator) => WHOLE_TENSOR_QUANTIZERS.has(operator)),
    externalFiles: [...externalFiles].sort(),
    initializers: {count: initializers.length, elements},
  }
}
