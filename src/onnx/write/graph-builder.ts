import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  DATA_TYPE,
  type DataType,
  ENTRY,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  TENSOR,
} from '../schema.ts'
import {MessageWriter} from './message-writer.ts'
import {valueInfo} from './value-info.ts'
import type {WeightFile} from './weight-file.ts'

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | {readonly float: number}
  | {readonly graph: GraphBuilder}
  | {
      readonly tensor: {
        readonly dataType: DataType
        readonly dims: readonly number[]
        readonly bytes: Uint8Array
      }
    }

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  /** '' is the standard operator set. */
  readonly domain?: '' | 'com.microsoft'
  /** Names of the outputs; made up where they are left out. */
  readonly outputs?: readonly string[]
}

/** A node as it was added. */
export interface GraphNode {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

/** Hears what a graph is made of, in order: for whoever derives another graph from it, such as gradients. */
export interface GraphListener {
  node(node: GraphNode): void
  /** An input or a stored tensor. */
  tensor(name: string, dims: readonly (number | string)[]): void
  /** A constant int64 vector. */
  integers(name: string, values: readonly number[]): void
}

export interface GraphOptions {
  readonly opset: number
  /** Takes tensors of 1 KiB and more; without it all weights lie in the graph file itself. */
  readonly weights: WeightFile | undefined
  /** Begins every made-up name, so that nodes can join a graph that somebody else named. */
  readonly prefix?: string
  /** Stored tensors that become inputs of the graph instead: weights that change between runs. */
  readonly parameters?: ReadonlySet<string>
  readonly listener?: GraphListener
}

/** Below this many bytes a tensor stays in the graph: shapes and scalars, which ONNX Runtime folds. */
const SMALLEST_EXTERNAL = 1024

/**
 * Builds one ONNX graph, node by node, in the order in which they run. Branches of an If share the root's names and
 * keep their constants there, so that a name means one value in the whole model.
 */
export class GraphBuilder {
  readonly #name: string
  readonly #options: GraphOptions
  readonly #root: GraphBuilder
  readonly #nodes: MessageWriter[] = []
  readonly #initializers: MessageWriter[] = []
  readonly #inputs: MessageWriter[] = []
  readonly #outputs: MessageWriter[] = []
  readonly #stored = new Set<string>()
  #count = 0

  constructor(name: string, options: GraphOptions, root?: GraphBuilder) {
    this.#name = name
    this.#options = options
    this.#root = root ?? this
  }

  /** A graph for an attribute, e.g. a branch of If; it may use every value of this one. */
  branch(name: string): GraphBuilder {
    return new GraphBuilder(name, this.#options, this.#root)
  }

  input(name: string, dataType: DataType, dims: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, dataType, dims))
    this.#options.listener?.tensor(name, dims)
    return name
  }

  output(name: string, dataType: DataType, dims: readonly (number | string)[]): void {
    this.#outputs.push(valueInfo(name, dataType, dims))
  }

  /** A tensor that lies with the model. `values` is called once, when the tensor is written. */
  initializer(
    name: string,
    dataType: DataType,
    dims: readonly number[],
    values: () => ArrayBufferView,
  ): string {
    const root = this.#root
    if (root.#stored.has(name)) return name
    root.#stored.add(name)
    if (this.#options.parameters?.has(name)) return root.input(name, dataType, dims)
    this.#options.listener?.tensor(name, dims)
    root.#initializers.push(tensorMessage(name, dataType, dims, values, this.#options.weights))
    return name
  }

  /** A constant int64 vector, e.g. the shape for a Reshape. */
  integers(values: readonly number[]): string {
    const name = `${this.#prefix}integers_${values.join('_')}`
    this.#options.listener?.integers(name, values)
    return this.initializer(name, 'int64', [values.length], () => BigInt64Array.from(values, BigInt))
  }

  /** A constant int64 scalar. */
  integer(value: number): string {
    return this.initializer(`${this.#prefix}integer_${value}`, 'int64', [], () =>
      BigInt64Array.of(BigInt(value)),
    )
  }

  /** A constant float32 scalar. */
  float(value: number): string {
    return this.initializer(`${this.#prefix}float_${value}`, 'float32', [], () => Float32Array.of(value))
  }

  /** Adds a node with one output and returns the output's name. An input '' is an optional one left out. */
  node(operator: string, inputs: readonly string[], options: NodeOptions = {}): string {
    const [output] = this.nodes(operator, inputs, 1, options)
    return output ?? ''
  }

  /** Adds a node with `count` outputs and returns their names. */
  nodes(
    operator: string,
    inputs: readonly string[],
    count: number,
    options: NodeOptions = {},
  ): readonly string[] {
    const number = this.#root.#count++
    const outputs =
      options.outputs ??
      Array.from({length: count}, (_, index) => `${this.#prefix}${operator}_${number}_${index}`)
    const message = new MessageWriter()
    for (const input of inputs) message.text(NODE.input, input)
    for (const output of outputs) message.text(NODE.output, output)
    message.text(NODE.name, `${this.#prefix}${operator}_${number}`).text(NODE.opType, operator)
    for (const [name, value] of Object.entries(options.attributes ?? {}))
      message.message(NODE.attribute, attribute(name, value))
    if (options.domain) message.text(NODE.domain, options.domain)
    this.#nodes.push(message)
    this.#options.listener?.node({operator, inputs, outputs, attributes: options.attributes ?? {}})
    return outputs
  }

  /** The nodes added since the last call, to be put into another graph's bytes. */
  takeNodes(): readonly MessageWriter[] {
    return this.#nodes.splice(0)
  }

  /** The stored tensors, to be put into another graph's bytes. */
  get initializers(): readonly MessageWriter[] {
    return this.#root.#initializers
  }

  /** The whole model file. */
  toModel(): Uint8Array {
    return new MessageWriter()
      .integer(MODEL.irVersion, 10)
      .text(MODEL.producerName, 'slm')
      .message(MODEL.graph, this.toMessage())
      .message(MODEL.opsetImport, operatorSet('', this.#options.opset))
      .message(MODEL.opsetImport, operatorSet('com.microsoft', 1))
      .toBytes()
  }

  get #prefix(): string {
    return this.#options.prefix ?? ''
  }

  toMessage(): MessageWriter {
    const message = new MessageWriter()
    for (const node of this.#nodes) message.message(GRAPH.node, node)
    message.text(GRAPH.name, this.#name)
    for (const initializer of this.#initializers) message.message(GRAPH.initializer, initializer)
    for (const input of this.#inputs) message.message(GRAPH.input, input)
    for (const output of this.#outputs) message.message(GRAPH.output, output)
    return message
  }
}

function operatorSet(domain: string, version: number): MessageWriter {
  return new MessageWriter().text(OPSET.domain, domain).integer(OPSET.version, version)
}

function tensorMessage(
  name: string,
  dataType: DataType,
  dims: readonly number[],
  values: () => ArrayBufferView,
  weights: WeightFile | undefined,
): MessageWriter {
  const message = new MessageWriter()
  for (const dim of dims) message.integer(TENSOR.dims, dim)
  message.integer(TENSOR.dataType, DATA_TYPE[dataType]).text(TENSOR.name, name)
  // A value is at least half a byte: smaller tensors need not be made to know that they stay inside.
  const isLarge = dims.reduce((product, dim) => product * dim, 1) >= SMALLEST_EXTERNAL
  if (!weights || !isLarge) {
    const {buffer, byteOffset, byteLength} = values()
    return message.bytes(TENSOR.rawData, new Uint8Array(buffer, byteOffset, byteLength))
  }
  const place = weights.put(name, values)
  for (const [key, value] of Object.entries(place))
    message.message(
      TENSOR.externalData,
      new MessageWriter().text(ENTRY.key, key).text(ENTRY.value, String(value)),
    )
  return message.integer(TENSOR.dataLocation, 1)
}

function attribute(name: string, value: AttributeValue): MessageWriter {
  const message = new MessageWriter().text(ATTRIBUTE.name, name)
  const typed = (type: keyof typeof ATTRIBUTE_TYPE): MessageWriter =>
    message.integer(ATTRIBUTE.type, ATTRIBUTE_TYPE[type])
  if (typeof value === 'number') {
    message.integer(ATTRIBUTE.integer, value)
    return typed('integer')
  }
  if (typeof value === 'string') {
    message.text(ATTRIBUTE.text, value)
    return typed('text')
  }
  if ('float' in value) {
    message.float(ATTRIBUTE.float, value.float)
    return typed('float')
  }
  if ('graph' in value) {
    message.message(ATTRIBUTE.graph, value.graph.toMessage())
    return typed('graph')
  }
  if ('tensor' in value) {
    const {dataType, dims, bytes} = value.tensor
    message.message(
      ATTRIBUTE.tensor,
      tensorMessage('', dataType, dims, () => bytes, undefined),
    )
    return typed('tensor')
  }
  for (const integer of value) message.integer(ATTRIBUTE.integers, integer)
  return typed('integers')
}
