import type {Graph, Node} from '../read/model.ts'
import type {Values} from './graph-values.ts'

/** What reads the concatenated keys or values; a text says why it must go on reading them as one tensor. */
export type Reader = Product | string

/** A matrix product whose right operand is the concatenation, so that past and new positions may be multiplied apart. */
export interface Product {
  /** `scores`: queries times keys, transposed. `mixture`: weights times values. */
  readonly part: 'scores' | 'mixture'
  readonly product: Node
  /** The nodes between the concatenation and the product. */
  readonly between: readonly Node[]
  /** True when each key head is repeated for the query heads that read it. */
  readonly isRepeated: boolean
  /** What keys are multiplied or divided by on the way; each holds one number. */
  readonly scales: readonly Scale[]
  /** Nodes that ask for the shape of the concatenation, and for that of the repeated keys. */
  readonly shapesOfWhole: readonly Node[]
  readonly shapesOfRepeated: readonly Node[]
  /** Nodes that take the number of positions out of one of these shapes. */
  readonly lengths: readonly Node[]
}

interface Scale {
  readonly operator: string
  readonly factor: string
}

/** One cache entry of a graph: `Concat(past, added)` along the positions gives `present`. */
export interface Concatenation {
  readonly past: string
  readonly added: string
  readonly present: string
  readonly heads: number
  readonly reader: Reader
}

const PAST = /^(?:past_key_values|past)\.\d+\.(?:key|value)$/

/** The concatenations of all past inputs; a text says why one of them is not of the usual kind. */
export function findConcatenations(graph: Graph, values: Values): readonly Concatenation[] | string {
  const found: Concatenation[] = []
  const outputs = new Set(graph.outputs.map(({name}) => name))
  for (const input of graph.inputs.filter(({name}) => /^past/.test(name))) {
    const heads = input.dims[1]
    if (!PAST.test(input.name) || input.dims.length !== 4 || typeof heads !== 'number')
      return `"${input.name}" is not (rows, heads, length, head size)`
    // A sum in two parts may end in another number of 11 bits, and with it in another token.
    if (input.elementType !== 'float32') return `"${input.name}" holds ${input.elementType}, not float32`
    const concatenation = concatenationOf(input.name, values, outputs)
    if (typeof concatenation === 'string') return concatenation
    found.push({...concatenation, heads, reader: readerOf(concatenation.present, values)})
  }
  if (new Set(found.map(({added}) => added)).size < found.length)
    return 'two caches take the same new positions'
  return found.length === 0 ? 'the graph takes no past keys and values' : found
}

function concatenationOf(
  past: string,
  values: Values,
  outputs: ReadonlySet<string>,
): Pick<Concatenation, 'past' | 'added' | 'present'> | string {
  const readers = values.readers(past).filter(({operator}) => operator !== 'Shape')
  const [node] = readers
  if (values.isNested(past)) return `"${past}" goes into a nested graph`
  if (readers.length !== 1 || node?.operator !== 'Concat')
    return `"${past}" goes into ${readers.map(({operator}) => operator).join(', ') || 'nothing'}`
  const [first, added = '', ...more] = node.inputs
  const axis = node.attributes.get('axis')?.integer
  const [present = ''] = node.outputs
  if (first !== past || more.length > 0 || (axis !== 2 && axis !== -2))
    return `"${past}" is not put before the new positions`
  if (!outputs.has(present) || !present.startsWith('present'))
    return `"${past}" and the new positions are not given back together`
  const isPlain = values.maker(added) !== undefined && !outputs.has(added)
  if (!isPlain || values.isNested(added) || values.isNested(present))
    return `what is put after "${past}" has other uses`
  return {past, added, present}
}

/** Follows the concatenation through repeats, transposes and scales to the one product that reads it. */
function readerOf(present: string, values: Values): Reader {
  const between: Node[] = []
  const scales: Scale[] = []
  let repeated: string | undefined
  let isTransposed = false
  let name = present
  const shapesOf = (value: string | undefined): readonly Node[] =>
    value === undefined ? [] : values.readers(value).filter(({operator}) => operator === 'Shape')
  for (let step = 0; step < 8; step += 1) {
    const readers = values.readers(name).filter(({operator}) => operator !== 'Shape')
    const [node] = readers
    if (node === undefined || readers.length > 1 || values.isNested(name))
      return `${readers.length} operators read it`
    if (name !== present && name !== repeated && shapesOf(name).length > 0)
      return 'the shape of something between is asked for'
    if (node.operator === 'MatMul') {
      const shapes = {shapesOfWhole: shapesOf(present), shapesOfRepeated: shapesOf(repeated)}
      const part = isTransposed ? 'scores' : 'mixture'
      return productOf(
        {part, product: node, between, isRepeated: repeated !== undefined, scales, ...shapes},
        name,
        values,
      )
    }
    const repeat = repeatFrom(node, values)
    const scale = scaleOf(node, name, values)
    if (repeat !== undefined && repeated === undefined && between.length === 0) {
      between.push(...repeat)
      repeated = repeat.at(-1)!.outputs[0]!
    } else if (isTranspose(node) && !isTransposed) isTransposed = true
    else if (scale !== undefined) scales.push(scale)
    else return `${node.operator} reads it`
    if (repeat === undefined) between.push(node)
    name = between.at(-1)!.outputs[0]!
  }
  return 'its product lies too far'
}

function productOf(found: Omit<Product, 'lengths'>, operand: string, values: Values): Reader {
  const {part, product, scales, shapesOfWhole, shapesOfRepeated} = found
  const shapes = [...shapesOfWhole, ...shapesOfRepeated]
  if (product.inputs[1] !== operand || product.inputs[0] === operand) return 'it multiplies from the left'
  if (shapes.some(({attributes}) => attributes.size > 0)) return 'a part of its shape is asked for'
  if (part === 'mixture' && scales.length + shapesOfRepeated.length > 0)
    return 'values are scaled, or the shape of repeated ones is asked for'
  const lengths = shapes.flatMap(({outputs: [shape = '']}) =>
    values.readers(shape).filter((reader) => isLengthOf(shape, reader, values)),
  )
  return {...found, lengths}
}

/** Unsqueeze at axis 2, Expand, Reshape: each head several times in a row. */
function repeatFrom(node: Node, values: Values): readonly Node[] | undefined {
  const axes = node.attributes.get('axes')?.integers ?? values.integers(node.inputs[1] ?? '')
  if (node.operator !== 'Unsqueeze' || axes?.join() !== '2') return undefined
  const onlyReader = ({outputs: [output = '']}: Node, operator: string): Node | undefined => {
    const readers = values.readers(output)
    const [reader] = readers
    const isOnly = readers.length === 1 && !values.isNested(output)
    return isOnly && reader?.operator === operator && reader.inputs[0] === output ? reader : undefined
  }
  const expand = onlyReader(node, 'Expand')
  const reshape = expand && onlyReader(expand, 'Reshape')
  return reshape && [node, expand, reshape]
}

function isTranspose({operator, attributes}: Node): boolean {
  return operator === 'Transpose' && attributes.get('perm')?.integers.join() === '0,1,3,2'
}

function scaleOf({operator, inputs}: Node, name: string, values: Values): Scale | undefined {
  const factor = inputs.find((input) => input !== name)
  const isScale = operator === 'Mul' || (operator === 'Div' && inputs[0] === name)
  return isScale && factor !== undefined && isOneNumber(factor, values) ? {operator, factor} : undefined
}

const OF_SHAPES = new Set(['Sqrt', 'Div', 'Mul', 'Cast', 'Gather', 'Slice', 'Squeeze', 'Identity', 'Pow'])

/** Constants of one element, and numbers that are computed from constants and shapes alone. */
function isOneNumber(name: string, values: Values): boolean {
  const isFromShapes = (value: string, depth: number): boolean => {
    if (values.isConstant(value)) return true
    const maker = values.maker(value)
    if (maker === undefined || depth > 12) return false
    if (maker.operator === 'Shape') return true
    return OF_SHAPES.has(maker.operator) && maker.inputs.every((input) => isFromShapes(input, depth + 1))
  }
  return values.isConstant(name) ? values.constantSize(name) === 1 : isFromShapes(name, 0)
}

/** Gather of axis 2 as a scalar. */
function isLengthOf(shape: string, node: Node, values: Values): boolean {
  const {operator, inputs, outputs, attributes} = node
  const [data, index = ''] = inputs
  if (operator !== 'Gather' || data !== shape || (attributes.get('axis')?.integer ?? 0) !== 0) return false
  const isScalar = values.constantRank(index) === 0 && values.integers(index)?.[0] === 2
  return isScalar && !values.isNested(outputs[0] ?? '')
}
