/**
 * Reads a pickle without running it. The machine knows data only: dictionaries, lists, tuples, texts, numbers. A global
 * is a name, never code; calling one is left to `rebuild`, which knows a handful of names and refuses every other.
 */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Pickled[]
  | Map<Pickled, Pickled>
  | Global
  | Opaque

/** A class or function named in a pickle. */
export class Global {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** What `rebuild` or `load` made: the reader carries it about and looks at nothing inside. */
export class Opaque {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

export interface PickleHost {
  /** A persistent id (PyTorch: a storage). */
  load(id: Pickled): Pickled
  /** What calling the global `name` with these arguments stands for. Throws for a name it does not know. */
  rebuild(name: string, inputs: readonly Pickled[]): Pickled
}

export class PickleError extends Error {}

class Mark {}

type Value = Pickled | Mark

/** A list or dictionary nested deeper, or longer than this, is no checkpoint. */
const MOST_STEPS = 50_000_000

export function readPickle(bytes: Uint8Array, host: PickleHost): Pickled {
  const machine = new PickleMachine(bytes, host)
  for (let step = 0; step < MOST_STEPS; step++) {
    const result = machine.step()
    if (result !== undefined) return result.value
  }
  throw new PickleError('it has too many steps')
}

class PickleMachine {
  readonly #bytes: Buffer
  readonly #host: PickleHost
  readonly #stack: Value[] = []
  readonly #memo = new Map<number, Value>()
  #at = 0

  constructor(bytes: Uint8Array, host: PickleHost) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#host = host
  }

  /** Runs one instruction; gives the result at STOP. */
  step(): {readonly value: Pickled} | undefined {
    const code = this.#number(1)
    const operation = String.fromCharCode(code)
    if (operation === '.') return {value: this.#pop()}
    if (this.#literal(operation, code) || this.#container(operation, code) || this.#memory(operation, code))
      return undefined
    if (operation === 'R') {
      const inputs = this.#pop()
      const callee = this.#pop()
      if (!Array.isArray(inputs) || !(callee instanceof Global))
        throw new PickleError('it calls what is no function')
      this.#stack.push(this.#host.rebuild(callee.name, inputs))
    } else if (operation === 'b') this.#build()
    else if (operation === 'Q') this.#stack.push(this.#host.load(this.#pop()))
    else if (operation === 'c') this.#stack.push(new Global(`${this.#line()}.${this.#line()}`))
    else if (code === 0x93) {
      const name = this.#pop()
      this.#stack.push(new Global(`${String(this.#pop())}.${String(name)}`))
    } else throw new PickleError(`it uses instruction 0x${code.toString(16)}, which no checkpoint needs`)
    return undefined
  }

  /** Numbers, texts, and the framing around them. */
  #literal(operation: string, code: number): boolean {
    const push = (value: Pickled): true => {
      this.#stack.push(value)
      return true
    }
    if (code === 0x80) return this.#skip(1)
    if (code === 0x95) return this.#skip(8)
    if (operation === 'N') return push(null)
    if (code === 0x88 || code === 0x89) return push(code === 0x88)
    if (operation === 'K') return push(this.#number(1))
    if (operation === 'M') return push(this.#number(2))
    if (operation === 'J') return push(this.#number(4) | 0)
    if (code === 0x8a) return push(this.#long(this.#number(1)))
    if (operation === 'G') return push(this.#take(8).readDoubleBE(0))
    if (operation === 'X') return push(this.#take(this.#number(4)).toString('utf8'))
    if (code === 0x8c) return push(this.#take(this.#number(1)).toString('utf8'))
    if (operation === 'B') return push(this.#take(this.#number(4)))
    if (operation === 'C') return push(this.#take(this.#number(1)))
    return false
  }

  #container(operation: string, code: number): boolean {
    const stack = this.#stack
    if (operation === '(') stack.push(new Mark())
    else if (operation === '}') stack.push(new Map())
    else if (operation === ']' || operation === ')') stack.push([])
    else if (operation === 't') stack.push(this.#toMark())
    else if (code >= 0x85 && code <= 0x87) stack.push(this.#several(code - 0x84))
    else if (operation === 'a') this.#append([this.#pop()])
    else if (operation === 'e') this.#append(this.#toMark())
    else if (operation === 's') this.#set(this.#several(2))
    else if (operation === 'u') this.#set(this.#toMark())
    else if (operation === '0') stack.pop()
    else return false
    return true
  }

  #memory(operation: string, code: number): boolean {
    if (operation === 'q') this.#memo.set(this.#number(1), this.#top())
    else if (operation === 'r') this.#memo.set(this.#number(4), this.#top())
    else if (code === 0x94) this.#memo.set(this.#memo.size, this.#top())
    else if (operation === 'h' || operation === 'j') {
      const key = this.#number(operation === 'h' ? 1 : 4)
      const value = this.#memo.get(key)
      if (value === undefined) throw new PickleError(`it recalls value ${key}, which it never kept`)
      this.#stack.push(value)
    } else return false
    return true
  }

  /** State of an object (torch: the state dict's version numbers); data here has none that matters. */
  #build(): void {
    this.#pop()
    const target = this.#top()
    if (!(target instanceof Map)) throw new PickleError('it gives a state to what has none')
  }

  #append(values: readonly Pickled[]): void {
    const list = this.#top()
    if (!Array.isArray(list)) throw new PickleError('it appends to what is no list')
    for (const value of values) list.push(value)
  }

  #set(pairs: readonly Pickled[]): void {
    const map = this.#top()
    if (!(map instanceof Map) || pairs.length % 2 !== 0)
      throw new PickleError('it sets keys of what is no dictionary')
    for (let index = 0; index < pairs.length; index += 2)
      map.set(pairs[index] ?? null, pairs[index + 1] ?? null)
  }

  #toMark(): Pickled[] {
    const mark = this.#stack.findLastIndex((value) => value instanceof Mark)
    if (mark < 0) throw new PickleError('it closes what it never opened')
    const values = this.#stack.splice(mark).slice(1)
    return values as Pickled[] // No mark lies behind the last one.
  }

  #several(count: number): Pickled[] {
    return Array.from({length: count}, () => this.#pop()).reverse()
  }

  #pop(): Pickled {
    const value = this.#stack.pop()
    if (value === undefined || value instanceof Mark)
      throw new PickleError('it takes a value where there is none')
    return value
  }

  #top(): Value {
    const value = this.#stack.at(-1)
    if (value === undefined) throw new PickleError('it looks at a value where there is none')
    return value
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length)
      throw new PickleError(`it is cut at byte ${this.#bytes.length}`)
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return bytes
  }

  #skip(length: number): true {
    this.#take(length)
    return true
  }

  #number(length: 1 | 2 | 4): number {
    return this.#take(length).readUIntLE(0, length)
  }

  /** A little-endian integer of any length, two's complement. */
  #long(length: number): number | bigint {
    if (length === 0) return 0
    const bytes = Buffer.from(this.#take(length)).reverse()
    const value = BigInt.asIntN(length * 8, BigInt(`0x${bytes.toString('hex')}`))
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    if (end < 0) throw new PickleError('a name in it does not end')
    return this.#take(end + 1 - this.#at)
      .toString('utf8')
      .slice(0, -1)
  }
}
