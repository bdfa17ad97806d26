import {closeSync, openSync, writeSync} from 'node:fs'
import {basename} from 'node:path'

/** Where a tensor lies in the file beside the graphs. */
export interface Place {
  readonly location: string
  readonly offset: number
  readonly length: number
}

/** Pages begin at multiples of 4 KiB: ONNX Runtime maps a tensor into memory, without copying it, when its offset is one. */
const ALIGNMENT = 4096
const LARGEST_WRITE = 2 ** 28

/**
 * External data: one file that several graphs point into, so that a weight which encoder and decoder share is stored
 * once, and no graph passes protobuf's 2 GiB. Tensors are written as they come; only their places stay in memory.
 */
export class WeightFile {
  readonly name: string
  readonly #descriptor: number
  readonly #places = new Map<string, Place>()
  #end = 0

  constructor(path: string) {
    this.name = basename(path)
    this.#descriptor = openSync(path, 'w')
  }

  /** Bytes written so far, padding included. */
  get bytes(): number {
    return this.#end
  }

  /** Writes the values under a name, or finds the place where that name was written before. */
  put(name: string, values: () => ArrayBufferView): Place {
    const before = this.#places.get(name)
    if (before) return before
    const {buffer, byteOffset, byteLength} = values()
    const offset = Math.ceil(this.#end / ALIGNMENT) * ALIGNMENT
    const bytes = Buffer.from(buffer, byteOffset, byteLength)
    for (let written = 0; written < byteLength; )
      written += writeSync(
        this.#descriptor,
        bytes,
        written,
        Math.min(byteLength - written, LARGEST_WRITE),
        offset + written,
      )
    this.#end = offset + byteLength
    const place = {location: this.name, offset, length: byteLength}
    this.#places.set(name, place)
    return place
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
