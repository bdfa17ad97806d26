import {SlmError} from '../../errors.ts'
import {ELEMENT_BYTES, type ElementType, elementReader} from './elements.ts'
import {Global, Opaque, type Pickled, PickleError, readPickle} from './pickle.ts'
import type {StoredTensor} from './state-dict.ts'
import {brokenZip, readZip, type ZipEntry} from './zip.ts'

const STORAGES: Readonly<Record<string, ElementType | 'other'>> = {
  'torch.DoubleStorage': 'float64',
  'torch.FloatStorage': 'float32',
  'torch.HalfStorage': 'float16',
  'torch.BFloat16Storage': 'bfloat16',
  'torch.LongStorage': 'other',
  'torch.IntStorage': 'other',
  'torch.ShortStorage': 'other',
  'torch.CharStorage': 'other',
  'torch.ByteStorage': 'other',
  'torch.BoolStorage': 'other',
}

/** The elements that one or more tensors look at. */
class Storage {
  readonly entry: ZipEntry
  readonly type: ElementType | 'other'
  constructor(entry: ZipEntry, type: ElementType | 'other') {
    this.entry = entry
    this.type = type
  }
}

/** A tensor of a .pt file: a view on a storage. */
export class TorchTensor implements StoredTensor {
  readonly dims: readonly number[]
  readonly #storage: Storage
  readonly #offset: number
  readonly #strides: readonly number[]

  constructor(storage: Storage, offset: number, dims: readonly number[], strides: readonly number[]) {
    this.#storage = storage
    this.#offset = offset
    this.dims = dims
    this.#strides = strides
  }

  read(): Float32Array {
    const {entry, type} = this.#storage
    if (type === 'other') throw new PickleError('a weight is made of integers')
    const at = elementReader(type, entry.read())
    const values = new Float32Array(this.dims.reduce((product, dim) => product * dim, 1))
    const steps = [...this.dims].fill(0)
    let element = this.#offset
    for (let index = 0; index < values.length; index++) {
      values[index] = at(element)
      // An odometer over the axes, the last one first.
      for (let axis = steps.length - 1; axis >= 0; axis--) {
        const next = steps[axis]! + 1
        if (next < this.dims[axis]!) {
          steps[axis] = next
          element += this.#strides[axis]!
          break
        }
        element -= this.#strides[axis]! * steps[axis]!
        steps[axis] = 0
      }
    }
    return values
  }
}

/**
 * What torch.save wrote to a file on disk, as plain data: dictionaries are Maps, tensors TorchTensors. Nothing in the
 * file is run; a file that asks for more than data is refused with the name of what it asked for.
 */
export function readTorchFile(path: string): Pickled {
  const entries = readZip(path)
  const pickle = entries.find(({name}) => name.endsWith('/data.pkl'))
  if (!pickle) throw brokenZip(path, 'it holds no data.pkl')
  const root = pickle.name.slice(0, -'data.pkl'.length)
  const order = entries
    .find(({name}) => name === `${root}byteorder`)
    ?.read()
    .toString('latin1')
  if (order !== undefined && order !== 'little') throw brokenZip(path, `its numbers are ${order}-endian`)
  const files = new Map(entries.map((entry) => [entry.name, entry]))
  try {
    return readPickle(pickle.read(), {
      load: (id) => storage(id, (key) => files.get(`${root}data/${key}`)),
      rebuild: (name, inputs) => rebuild(path, name, inputs),
    })
  } catch (error) {
    throw error instanceof PickleError ? brokenZip(path, error.message) : error
  }
}

/** ('storage', class, key, device, element count) */
function storage(id: Pickled, find: (key: string) => ZipEntry | undefined): Pickled {
  const [kind, type, key, , count] = Array.isArray(id) ? id : []
  if (kind !== 'storage' || !(type instanceof Global) || typeof key !== 'string' || typeof count !== 'number')
    throw new PickleError('it refers to what is no storage')
  const elementType = STORAGES[type.name]
  if (!elementType) throw new PickleError(`it holds elements of type ${type.name}`)
  const entry = find(key)
  if (!entry) throw new PickleError(`the storage ${key} is missing`)
  if (elementType !== 'other' && entry.bytes < count * ELEMENT_BYTES[elementType])
    throw new PickleError(`the storage ${key} has ${entry.bytes} bytes for ${count} elements`)
  return new Opaque(new Storage(entry, elementType))
}

function rebuild(path: string, name: string, inputs: readonly Pickled[]): Pickled {
  const [first, offset, dims, strides] = inputs
  if (name === 'collections.OrderedDict') return new Map()
  if (name === 'torch._utils._rebuild_parameter') return first ?? null
  if (name === 'torch._utils._rebuild_tensor_v2') return new Opaque(tensor(first, offset, dims, strides))
  throw new SlmError(
    'pickle-refused',
    `${path} asks for ${name}, which is more than weights and plain data`,
    {
      hint: 'It was not run. Save the state dict alone: torch.save(model.state_dict(), file), or use .safetensors.',
    },
  )
}

function tensor(
  source: Pickled | undefined,
  offset: Pickled | undefined,
  dims: Pickled | undefined,
  strides: Pickled | undefined,
): TorchTensor {
  const held = source instanceof Opaque ? source.value : undefined
  if (!(held instanceof Storage) || !isSize(offset) || !isSizes(dims) || !isSizes(strides))
    throw new PickleError('a tensor in it is described wrongly')
  const count = dims.reduce((product, dim) => product * dim, 1)
  const last = dims.reduce((sum, dim, axis) => sum + (dim - 1) * (strides[axis] ?? 0), offset)
  const elements = held.type === 'other' ? held.entry.bytes : held.entry.bytes / ELEMENT_BYTES[held.type]
  if (dims.length !== strides.length || count > elements * 2 ** 10 || (count > 0 && last >= elements))
    throw new PickleError('a tensor in it reaches outside its storage')
  return new TorchTensor(held, offset, dims, strides)
}

function isSize(value: Pickled | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isSizes(value: Pickled | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every(isSize)
}
