import {randomUUID} from 'node:crypto'
import {mkdir, readFile, rename, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {z} from 'zod'
import type {StoredReply} from './judge.ts'

/** Raised when the same key would mean another question. */
export const CACHE_FORMAT = 1

const stored = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['text', 'refused']),
    text: z.string(),
    isCut: z.boolean(),
    usage: z
      .object({promptTokens: z.int().nonnegative(), completionTokens: z.int().nonnegative()})
      .optional(),
    model: z.string().optional(),
    fingerprint: z.string().optional(),
  }),
  z.object({kind: z.literal('probabilities'), values: z.array(z.number())}),
  z.object({kind: z.literal('embedding'), values: z.array(z.number())}),
])
export type CacheEntry = z.output<typeof stored>

/** Replies by the sha256 of everything that decides them. */
export interface ReplyCache {
  read(key: string): Promise<CacheEntry | undefined>
  write(key: string, entry: CacheEntry | StoredReply): Promise<void>
}

/** Replies for as long as the program runs. */
export function memoryReplyCache(): ReplyCache {
  const entries = new Map<string, CacheEntry>()
  return {
    read: (key) => Promise.resolve(entries.get(key)),
    write: (key, entry) => {
      entries.set(key, stored.parse(entry))
      return Promise.resolve()
    },
  }
}

/**
 * One file for each reply, written before the reply is used: a killed run has lost nothing that was received, and runs
 * that judge the same references share them. Files are not forced to disk one by one, which would cost more than asking a
 * local judge; one that a power cut left empty cannot be read, and counts as absent.
 */
export function fileReplyCache(folder: string): ReplyCache {
  const fileOf = (key: string): string => join(folder, key.slice(0, 2), `${key}.json`)
  return {
    read: async (key) => {
      const text = await readFile(fileOf(key), 'utf8').catch(() => undefined)
      if (text === undefined) return undefined
      try {
        return stored.parse(JSON.parse(text))
      } catch {
        return undefined
      }
    },
    write: async (key, entry) => {
      const file = fileOf(key)
      await mkdir(dirname(file), {recursive: true})
      const aside = `${file}.${randomUUID()}.part`
      await writeFile(aside, JSON.stringify(stored.parse(entry)))
      await rename(aside, file)
    },
  }
}
