import {byteCharacters} from './byte-characters.ts'
import {PairQueue} from './pair-queue.ts'

/** What a byte-level BPE has learned; ids count through the special tokens, the bytes' characters, then the merges. */
export interface TrainedBpe {
  /** Token by id. */
  readonly vocabulary: readonly string[]
  /** Pairs of tokens in the order in which they are joined. */
  readonly merges: readonly (readonly [string, string])[]
}

/** GPT-2's splitting, which the ByteLevel pre-tokenizer of Hugging Face's tokenizers applies. */
const PIECES =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu

/** A pair that stands once is no habit of the language. */
const LEAST_COUNT = 2

/** Pieces of all texts with how often each occurs, as characters that stand for bytes. */
export class PieceCounts {
  readonly #counts = new Map<string, number>()
  readonly #characters = byteCharacters()

  add(text: string): void {
    for (const [piece] of text.matchAll(PIECES)) {
      const written = Array.from(Buffer.from(piece, 'utf8'), (byte) => this.#characters[byte]).join('')
      this.#counts.set(written, (this.#counts.get(written) ?? 0) + 1)
    }
  }

  entries(): readonly (readonly [string, number])[] {
    return [...this.#counts]
  }
}

/**
 * Byte-pair encoding (Sennrich et al. 2016) over bytes, as `BpeTrainer` of Hugging Face's tokenizers does it: the most
 * frequent pair first, of equals the one with the smaller ids. Equal pieces give equal merges.
 * @param size tokens wanted, special ones and the 256 bytes included; fewer come out when no pair is left that occurs twice
 */
export function trainBpe(pieces: PieceCounts, size: number, special: readonly string[]): TrainedBpe {
  const vocabulary = [...special, ...[...byteCharacters()].sort()]
  const idOf = new Map(vocabulary.map((token, id) => [token, id]))
  const words = pieces.entries().map(([piece, count]) => ({
    ids: Array.from(piece, (character) => idOf.get(character)!),
    count,
  }))
  const queue = new PairQueue()
  for (const [index, {ids, count}] of words.entries())
    for (let at = 0; at + 1 < ids.length; at++) queue.change(ids[at]!, ids[at + 1]!, count, index)
  const merges: (readonly [string, string])[] = []
  while (vocabulary.length < size) {
    const best = queue.best()
    if (best === undefined || best.count < LEAST_COUNT) break
    const {left, right} = best
    const token = `${vocabulary[left]}${vocabulary[right]}`
    // Two ways to the same text are one token.
    const id = idOf.get(token) ?? vocabulary.push(token) - 1
    idOf.set(token, id)
    merges.push([vocabulary[left]!, vocabulary[right]!])
    for (const index of best.words) joinPair(words[index]!, {left, right, id, index}, queue)
    queue.forget(left, right)
  }
  return {vocabulary, merges}
}

interface Join {
  readonly left: number
  readonly right: number
  readonly id: number
  readonly index: number
}

/** Joins a pair wherever it stands in a word, from the left, and tells the queue which pairs came and went. */
function joinPair(
  word: {ids: number[]; readonly count: number},
  {left, right, id, index}: Join,
  queue: PairQueue,
): void {
  const {ids, count} = word
  const joined: number[] = []
  for (let at = 0; at < ids.length; at++) {
    if (ids[at] !== left || ids[at + 1] !== right) {
      joined.push(ids[at]!)
      continue
    }
    joined.push(id)
    at++
  }
  if (joined.length === ids.length) return
  for (let at = 0; at + 1 < ids.length; at++) queue.change(ids[at]!, ids[at + 1]!, -count, index)
  for (let at = 0; at + 1 < joined.length; at++) queue.change(joined[at]!, joined[at + 1]!, count, index)
  word.ids = joined
}
