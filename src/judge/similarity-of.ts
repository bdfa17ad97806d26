import type {Embedder} from './judge.ts'
import type {Similarity} from './methods/method.ts'

/** Cosines by an embedder. An empty text is embedded as one space, as Ragas does. */
export function similarityOf(embedder: Embedder): Similarity {
  return async (first, second) => {
    const vectors = await embedder.embed([first, second].map((text) => (text === '' ? ' ' : text)))
    if ('kind' in vectors) return {status: vectors.kind, why: `similarity: ${vectors.why}`}
    const [a, b] = vectors
    if (a === undefined || b === undefined || a.length !== b.length)
      return {status: 'unparsed', why: 'similarity: two embeddings of different lengths'}
    const value = cosine(a, b)
    return Number.isFinite(value)
      ? {status: 'answered', cosine: value}
      : {status: 'unparsed', why: 'similarity: an embedding of length 0'}
  }
}

/** Cosine of two vectors of one length; NaN where one has length 0. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0
  let ofA = 0
  let ofB = 0
  for (let index = 0; index < a.length; index += 1) {
    dot += a[index]! * b[index]!
    ofA += a[index]! ** 2
    ofB += b[index]! ** 2
  }
  return dot / Math.sqrt(ofA * ofB)
}
