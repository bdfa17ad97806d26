/** Which made-up model: `boost` is added to the logits of the end tokens, so that rows end. */
export interface HashedModel {
  readonly vocabulary: number
  readonly seed: number
  readonly end: readonly number[]
  readonly boost: number
}

/**
 * Logits in [-4, 4) that are a fixed function of all ids, exact in float32: the same in the Python that made
 * golden/*.json. 32-bit integers, multiplication modulo 2^32.
 */
export function hashedLogits(ids: readonly number[], model: HashedModel): number[] {
  let hash = (0x811c9dc5 ^ model.seed) >>> 0
  for (const id of ids) hash = (Math.imul(hash ^ (id + 7), 0x01000193) ^ (hash >>> 13)) >>> 0
  return Array.from({length: model.vocabulary}, (_, token) => {
    let mixed = Math.imul(hash ^ Math.imul(token, 0x9e3779b1), 0x85ebca6b) >>> 0
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0xc2b2ae35)
    const logit = ((mixed >>> 8) % 65536) - 32768
    return logit / 8192 + (model.end.includes(token) ? model.boost : 0)
  })
}
