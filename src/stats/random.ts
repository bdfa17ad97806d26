/**
 * Seeded random numbers: xoshiro128** 1.1 (Blackman and Vigna 2018), its state filled by two outputs of splitmix64
 * started at the seed, low word first. The stream is part of what a manifest's seed promises: a change here changes
 * intervals, subsets and samples.
 */
export interface Random {
  /** Uniform integer in 0 .. 2^32 - 1. */
  readonly uint32: () => number
  /** Uniform in [0, 1) with 53 bits, from two 32-bit words as in NumPy's legacy generator. */
  readonly float: () => number
  /** Uniform integer in 0 .. n - 1, n <= 2^31; one word scaled, so an outcome's probability is off by at most 2^-32. */
  readonly below: (n: number) => number
  /** Fills `out` with what as many calls of `below(n)` would give. */
  readonly fillBelow: (out: Uint32Array, n: number) => void
}

const WORD = 2 ** 32

/** `seed`: a safe integer, or 64 bits when a hash is the seed. */
export function seededRandom(seed: number | bigint): Random {
  const state = seededState(BigInt(seed))
  const one = new Uint32Array(1)
  const uint32 = (): number => {
    fillWords(state, one)
    return one[0]!
  }
  return {
    uint32,
    float: () => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) / 2 ** 53,
    below: (n) => Math.floor((uint32() * n) / WORD),
    fillBelow: (out, n) => {
      fillWords(state, out)
      const scale = n / WORD
      // `| 0` keeps the conversion to one machine instruction; the product is below 2^31.
      for (let index = 0; index < out.length; index += 1) out[index] = (out[index]! * scale) | 0
    },
  }
}

/** Writes the next words of the stream. The state is copied to locals, which keeps a long fill free of memory traffic. */
function fillWords(state: Int32Array, out: Uint32Array): void {
  let s0 = state[0]!
  let s1 = state[1]!
  let s2 = state[2]!
  let s3 = state[3]!
  for (let index = 0; index < out.length; index += 1) {
    const scrambled = Math.imul(s1, 5)
    out[index] = Math.imul((scrambled << 7) | (scrambled >>> 25), 9)
    const shifted = s1 << 9
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << 11) | (s3 >>> 21)
  }
  state[0] = s0
  state[1] = s1
  state[2] = s2
  state[3] = s3
}

/** Four words from splitmix64 (Steele, Lea and Flood 2014), as the authors of xoshiro advise. */
function seededState(seed: bigint): Int32Array {
  const state = new Int32Array(4)
  let counter = seed
  for (let word = 0; word < 4; word += 2) {
    counter = BigInt.asUintN(64, counter + 0x9e3779b97f4a7c15n)
    let mixed = counter
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n)
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn)
    mixed ^= mixed >> 31n
    state[word] = Number(BigInt.asIntN(32, mixed))
    state[word + 1] = Number(BigInt.asIntN(32, mixed >> 32n))
  }
  return state
}
