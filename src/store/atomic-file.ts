import {open, rename} from 'node:fs/promises'
import {dirname} from 'node:path'

/** Writes a whole file or none of it: aside, to disk, then renamed; after a crash the old file or the new one is there. */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const aside = `${file}.${process.pid}.part`
  const handle = await open(aside, 'w')
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, file)
  await syncFolder(dirname(file))
}

/** Makes names in a folder durable. Windows cannot open folders; there the file system does it itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
