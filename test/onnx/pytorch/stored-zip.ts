import {writeFileSync} from 'node:fs'
import {crc32} from 'node:zlib'

/** Writes a zip archive without compression, as torch.save does. */
export function writeStoredZip(path: string, files: Readonly<Record<string, Uint8Array>>): void {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const shared = Buffer.alloc(26)
    shared.writeUInt32LE(crc32(content), 10)
    shared.writeUInt32LE(content.length, 14)
    shared.writeUInt32LE(content.length, 18)
    shared.writeUInt16LE(name.length, 22)
    const central = Buffer.concat([Buffer.from('PK\x01\x02\0\0', 'latin1'), shared, Buffer.alloc(14)])
    central.writeUInt32LE(offset, 42)
    directory.push(central, Buffer.from(name))
    const local = [Buffer.from('PK\x03\x04', 'latin1'), shared, Buffer.from(name), Buffer.from(content)]
    parts.push(...local)
    offset += Buffer.concat(local).length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(Object.keys(files).length, 8)
  end.writeUInt16LE(Object.keys(files).length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(offset, 16)
  writeFileSync(path, Buffer.concat([...parts, list, end]))
}
