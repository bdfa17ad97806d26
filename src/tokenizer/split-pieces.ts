/** The part of a pre-tokenizer of tokenizer.json that is looked at here. */
interface Node {
  readonly type?: unknown
  readonly pattern?: unknown
  readonly behavior?: unknown
  readonly invert?: unknown
  readonly pretokenizers?: unknown
}

const SWAPPED: Readonly<Record<string, string>> = {
  mergedwithprevious: 'mergedwithnext',
  mergedwithnext: 'mergedwithprevious',
}

/**
 * The same pre-tokenizer with every `Split` as one of the two behaviours that the library knows, `Removed` and
 * `Isolated`; it takes all others for `Isolated`. `invert` swaps matches with what lies between them.
 */
export function isolateSplits(preTokenizer: unknown): unknown {
  if (!isNode(preTokenizer)) return preTokenizer
  if (Array.isArray(preTokenizer.pretokenizers))
    return {...preTokenizer, pretokenizers: preTokenizer.pretokenizers.map(isolateSplits)}
  if (preTokenizer.type !== 'Split' || typeof preTokenizer.behavior !== 'string') return preTokenizer
  const behaviour = preTokenizer.behavior.toLowerCase().replaceAll('_', '')
  const isInverted = preTokenizer.invert === true
  const pattern = regexOf(preTokenizer.pattern)
  if (pattern === undefined) return preTokenizer
  // The library keeps a literal separator that is to be removed, but not one that an expression describes.
  if (behaviour === 'removed') return {...preTokenizer, pattern: {Regex: pattern}}
  const isolated = isolatedPattern((isInverted ? SWAPPED[behaviour] : undefined) ?? behaviour, pattern)
  // Isolated pieces are the same whichever of the two is called the match.
  if (isolated === pattern && !isInverted) return preTokenizer
  return {...preTokenizer, pattern: {Regex: isolated}, behavior: 'Isolated', invert: false}
}

/** A pattern whose matches, isolated, are the pieces that the behaviour gives. */
function isolatedPattern(behaviour: string, pattern: string): string {
  const between = `(?:(?!${pattern})[\\s\\S])*`
  switch (behaviour) {
    case 'mergedwithnext':
      return `(?:${pattern})${between}`
    case 'mergedwithprevious':
      return `${between}(?:${pattern})`
    case 'contiguous':
      return `(?:${pattern})+`
    default:
      return pattern
  }
}

function regexOf(pattern: unknown): string | undefined {
  if (typeof pattern !== 'object' || pattern === null) return undefined
  if ('Regex' in pattern && typeof pattern.Regex === 'string') return pattern.Regex
  if ('String' in pattern && typeof pattern.String === 'string')
    return pattern.String.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')
  return undefined
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}
