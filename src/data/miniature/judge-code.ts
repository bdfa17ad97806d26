import type {Random} from '../../stats/random.ts'
import {pick} from './choose.ts'
import {codePieces} from './code-pieces.ts'
import {codexMini} from './codex-mini.ts'
import {type JudgePair, otherDigit, type PairKind, type PairSource} from './judge-pair.ts'

/** Longer methods are left out of the pairs. */
const LONGEST = 320
/** Operators that stand for each other in a wrong statement. */
const OPERATORS: readonly (readonly [string, string])[] = [
  [' + ', ' - '],
  [' == ', ' != '],
  [' < ', ' > '],
  [' <= ', ' >= '],
  [' && ', ' || '],
  [' += ', ' -= '],
  ['true', 'false'],
  ['public', 'private'],
]

/** A statement of a method, or the same with another name of the method in its place. */
export const codeName: PairKind = (source) =>
  differing(source, (random, piece, code) => {
    const names = [...new Set(code.match(/\b[a-z]+[A-Z]\w*/g) ?? [])]
    const own = names.filter((name) => new RegExp(`\\b${name}\\b`).test(piece))
    if (own.length === 0 || names.length < 2) return undefined
    const name = pick(random, own)
    const other = pick(
      random,
      names.filter((one) => one !== name),
    )
    return piece.replace(new RegExp(`\\b${name}\\b`), other)
  })

/** A statement, or the same with another number, operator or constant. */
export const codeValue: PairKind = (source) =>
  differing(source, (random, piece) => {
    const changes = OPERATORS.flatMap(([one, other]) => [
      [one, other],
      [other, one],
    ]).filter(([from]) => piece.includes(from!))
    const number = /(?<![\w.])\d+(?![\w.])/.exec(piece)?.[0]
    if (number !== undefined && (changes.length === 0 || random.below(2) === 0))
      return piece.replace(number, otherDigit(random, number))
    if (changes.length === 0) return undefined
    const [from, to] = pick(random, changes)
    return piece.replace(from!, to!)
  })

/** A statement of the method, or of another one. */
export const codeOther: PairKind = (source) =>
  differing(source, (random, _, code) => {
    const others = codePieces(drawCode(source, 1_000_000 + random.below(1000))).filter(
      (piece) => !code.includes(piece),
    )
    return others.length === 0 ? undefined : pick(random, others)
  })

type Change = (random: Random, piece: string, code: string) => string | undefined

function differing(source: PairSource, change: Change): JudgePair {
  const {random, isSupported} = source
  for (let offset = 0; ; offset += 100_000) {
    const code = drawCode(source, offset)
    const piece = pick(random, codePieces(code))
    const changed = change(random, piece, code)
    // Also for the supported half, so that both halves are statements that can be changed.
    if (changed === undefined || code.includes(changed)) continue
    return {
      statement: isSupported ? piece : changed,
      text: code,
      isSupported,
    }
  }
}

/** The C# of a method that is not too long and has the split's names. */
function drawCode({split, seed, number, paraphrase}: PairSource, offset: number): string {
  for (let next = number * 7 + offset; ; next++) {
    const row = codexMini(split, seed, next)[0]!
    const code = String(row['cs'])
    if (code.length <= LONGEST && row['paraphrase'] === paraphrase) return code
  }
}
