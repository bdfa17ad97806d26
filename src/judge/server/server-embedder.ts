import {z} from 'zod'
import {digestOf} from '../../config/canonical-json.ts'
import {estimatedTokens} from '../estimated-tokens.ts'
import type {Embedder} from '../judge.ts'
import {CACHE_FORMAT, type ReplyCache} from '../reply-cache.ts'
import {type Connection, post} from './server-connection.ts'
import {hostOf} from './server-judge.ts'

const embeddings = z.looseObject({
  data: z.array(z.looseObject({index: z.int().nonnegative(), embedding: z.array(z.number()).min(1)})),
  usage: z.looseObject({prompt_tokens: z.int().nonnegative()}).nullish(),
})

/** Embeddings from `POST /embeddings`, kept in the cache like replies. */
export function serverEmbedder(model: string, connection: Connection, cache: ReplyCache): Embedder {
  const host = hostOf(connection.baseUrl)
  const keyOf = (text: string): string => digestOf({format: CACHE_FORMAT, host, embeddings: model, text})
  return {
    identity: {kind: 'server', host, model},
    embed: async (texts) => {
      const vectors = new Map<string, Float32Array>()
      for (const text of texts) {
        const entry = await cache.read(keyOf(text))
        if (entry?.kind === 'embedding') vectors.set(text, Float32Array.from(entry.values))
      }
      const asked = [...new Set(texts)].filter((text) => !vectors.has(text))
      if (asked.length > 0) {
        const most = {
          promptTokens: asked.reduce((sum, text) => sum + estimatedTokens(text), 0),
          completionTokens: 0,
        }
        const answer = await post(
          connection,
          '/embeddings',
          {model, input: asked, encoding_format: 'float'},
          most,
        )
        if (answer.kind !== 'received') return answer
        const checked = embeddings.safeParse(answer.json)
        const usage = checked.data?.usage
        answer.settle(usage == null ? most : {promptTokens: usage.prompt_tokens, completionTokens: 0})
        const byIndex = new Map(checked.data?.data.map(({index, embedding}) => [index, embedding]))
        for (const [index, text] of asked.entries()) {
          const values = byIndex.get(index)
          if (values === undefined)
            return {kind: 'failed', why: 'the server’s reply does not hold an embedding for each text'}
          await cache.write(keyOf(text), {kind: 'embedding', values})
          vectors.set(text, Float32Array.from(values))
        }
      }
      return texts.map((text) => vectors.get(text)!)
    },
    close: async () => undefined,
  }
}
