import {createHash} from 'node:crypto'
import {realpathSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {readModelFile} from './graph-facts.ts'
import {tensorBytes} from './tensor-bytes.ts'
import {isTied} from './tied-copy.ts'
import {type Weight, weightsOf} from './weights.ts'

/** A weight and where it was found. */
interface Found extends Weight {
  /** The graph's folder, against which external data is found. */
  readonly folder: string
  /** Equal for two finds of the same trained tensor. */
  readonly identity: string
}

/** Exporters number tensors that they fold or transpose: `onnx::MatMul_948`, `val_49`. */
const MADE_UP_NAME = /^(onnx::|val_|\/|_)/

/**
 * Parameters of a checkpoint over all its graphs, as PyTorch counts them: a weight that lies in several files (encoder,
 * decoder, decoder with past) or twice in one (tied head, also transposed or quantised otherwise) counts once.
 * Quantised weights count the values they stand for. Reads every weight from disk.
 */
export function countParameters(paths: readonly string[]): number {
  const found = new Map<string, Found>()
  for (const path of paths) {
    const folder = dirname(realpathSync(path))
    for (const weight of inFile(path, folder)) {
      const before = found.get(weight.identity)
      // Blocks may be padded: a file that multiplies by the table knows its width, one that only looks up does not.
      if (!before || weight.parameters < before.parameters) found.set(weight.identity, weight)
    }
  }
  const weights = [...found.values()]
  const tables = weights.filter(({isTable}) => isTable)
  const copies = weights.filter(
    (weight) => !weight.isTable && tables.some((table) => isTied(table, table.folder, weight, weight.folder)),
  )
  const sum = (list: readonly Weight[]): number => list.reduce((total, {parameters}) => total + parameters, 0)
  return sum(weights) - sum(copies)
}

function inFile(path: string, folder: string): readonly Found[] {
  const seen = new Map<string, number>()
  const known = new Map<string, string>()
  return weightsOf(readModelFile(path)).map((weight) => {
    const content = contentKey(weight, folder, known)
    if (content !== undefined) return {...weight, folder, identity: content}
    // Biases and norms often hold equal values by chance (all 0, all 1): they are told apart by name, or by their turn.
    const values = createHash('sha256').update(tensorBytes(weight.tensor, folder)).digest('hex')
    const {name} = weight.tensor
    const turn = seen.get(values) ?? 0
    seen.set(values, turn + 1)
    return {...weight, folder, identity: `${MADE_UP_NAME.test(name) ? turn : name} ${values}`}
  })
}

/** A digest of shape and values for matrices, the only tensors that are shared; undefined for the others. */
function contentKey({tensor}: Weight, folder: string, known: Map<string, string>): string | undefined {
  if (tensor.dims.length < 2 || /position/i.test(tensor.name)) return undefined
  const {data} = tensor
  const place =
    data.kind === 'external' ? `${realpathSync(join(folder, data.location))} ${data.offset}` : undefined
  const before = place === undefined ? undefined : known.get(place)
  if (before !== undefined) return before
  const bytes = tensorBytes(tensor, folder)
  if (isConstant(bytes)) return undefined
  const key = createHash('sha256').update(`${tensor.dataType} ${tensor.dims}`).update(bytes).digest('hex')
  if (place !== undefined) known.set(place, key)
  return key
}

/** Whether all of the first bytes repeat the first eight: a matrix that was never trained. */
function isConstant(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 65_536)
  return head.subarray(8).equals(head.subarray(0, Math.max(head.length - 8, 0)))
}
