import {fstatSync} from 'node:fs'
import {crc32} from 'node:zlib'
import {SlmError} from '../../errors.ts'
import {readRange, withFile} from '../read/file.ts'

/** A file inside a zip archive that is stored as it is, as torch.save stores all of them. */
export interface ZipEntry {
  readonly name: string
  readonly bytes: number
  /** Reads the content from disk and checks its CRC-32. */
  read(): Buffer
}

const END = 0x06054b50
const END_64 = 0x06064b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
/** A 32-bit size or offset of this value stands in the entry's zip64 field. */
const ELSEWHERE = 0xffffffff
/** End record plus the longest comment. */
const LONGEST_END = 22 + 65_535

/** Lists a zip archive on disk. A cut, compressed or encrypted archive is an SlmError. */
export function readZip(path: string): readonly ZipEntry[] {
  return withFile(path, (descriptor) => {
    const fileBytes = fstatSync(descriptor).size
    const tailBytes = Math.min(fileBytes, LONGEST_END)
    const tail = readRange(descriptor, fileBytes - tailBytes, tailBytes, path)
    const at = lastEnd(tail)
    if (at === undefined) throw brokenZip(path, 'it has no end record')
    const read = (offset: number, length: number): Buffer => readRange(descriptor, offset, length, path)
    const place = directoryPlace(tail, at, fileBytes - tailBytes + at, read)
    if (place.offset + place.length > fileBytes) throw brokenZip(path, 'its directory lies outside')
    return entries(path, read(place.offset, place.length), place.count, fileBytes)
  })
}

function lastEnd(tail: Buffer): number | undefined {
  for (let at = tail.length - 22; at >= 0; at--) if (tail.readUInt32LE(at) === END) return at
  return undefined
}

interface Directory {
  readonly offset: number
  readonly length: number
  readonly count: number
}

function directoryPlace(
  tail: Buffer,
  at: number,
  endOffset: number,
  read: (offset: number, length: number) => Buffer,
): Directory {
  const plain = {
    count: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  }
  const is64 = plain.count === 0xffff || plain.length === ELSEWHERE || plain.offset === ELSEWHERE
  if (!is64 || endOffset < 20) return plain
  // The locator of the zip64 record stands right before the end record.
  const recordOffset = Number(read(endOffset - 20, 20).readBigUInt64LE(8))
  const record = read(recordOffset, 56)
  if (record.readUInt32LE(0) !== END_64) return plain
  return {
    count: Number(record.readBigUInt64LE(32)),
    length: Number(record.readBigUInt64LE(40)),
    offset: Number(record.readBigUInt64LE(48)),
  }
}

function entries(path: string, directory: Buffer, count: number, fileBytes: number): readonly ZipEntry[] {
  const list: ZipEntry[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL)
      throw brokenZip(path, `entry ${index} of its directory is missing`)
    const nameBytes = directory.readUInt16LE(at + 28)
    const extraBytes = directory.readUInt16LE(at + 30)
    const end = at + 46 + nameBytes + extraBytes + directory.readUInt16LE(at + 32)
    if (end > directory.length) throw brokenZip(path, `entry ${index} of its directory is cut`)
    const name = directory.toString('utf8', at + 46, at + 46 + nameBytes)
    const extra = directory.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes)
    list.push(entry(path, name, directory.subarray(at, at + 46), extra, fileBytes))
    at = end
  }
  return list
}

function entry(path: string, name: string, header: Buffer, extra: Buffer, fileBytes: number): ZipEntry {
  const flags = header.readUInt16LE(8)
  const method = header.readUInt16LE(10)
  if (method !== 0 || flags & 1)
    throw brokenZip(path, `${name} is ${flags & 1 ? 'encrypted' : 'compressed'}, which torch.save never does`)
  const wide = zip64Values(extra)
  const value = (field: number): number => {
    const small = header.readUInt32LE(field)
    return small === ELSEWHERE ? (wide.shift() ?? small) : small
  }
  const bytes = value(24)
  const stored = value(20)
  const offset = value(42)
  if (stored !== bytes || offset + 30 + bytes > fileBytes) throw brokenZip(path, `${name} lies outside`)
  const checksum = header.readUInt32LE(16)
  return {name, bytes, read: () => readEntry(path, name, offset, bytes, checksum)}
}

/** The 64-bit values of the zip64 field, in their fixed order: size, stored size, offset. */
function zip64Values(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === 1) {
      const field = extra.subarray(at + 4, at + 4 + length)
      return Array.from({length: Math.floor(field.length / 8)}, (_, index) =>
        Number(field.readBigUInt64LE(index * 8)),
      )
    }
    at += 4 + length
  }
  return []
}

function readEntry(path: string, name: string, offset: number, bytes: number, checksum: number): Buffer {
  return withFile(path, (descriptor) => {
    const local = readRange(descriptor, offset, 30, path)
    if (local.readUInt32LE(0) !== LOCAL)
      throw brokenZip(path, `${name} does not begin where the directory says`)
    const start = offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
    const content = readRange(descriptor, start, bytes, path)
    if (crc32(content) !== checksum) throw brokenZip(path, `${name} is damaged (its checksum does not fit)`)
    return content
  })
}

export function brokenZip(path: string, what: string): SlmError {
  return new SlmError('weights-broken', `${path} is not a readable PyTorch file: ${what}`, {
    hint: 'The file is cut, damaged or of another kind (PyTorch before 1.6): save it again with torch.save.',
  })
}
