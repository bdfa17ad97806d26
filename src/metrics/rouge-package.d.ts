/** The part of npm `rouge` 1.0.3 (no types of its own) that is right; see docs/design/metrics.md. */
declare module 'rouge' {
  const rouge: {
    /** Distinct n-grams of `candidate` (runs of `\w`) that `reference` has, over the n-grams of `reference`. Throws on text without words. */
    n(candidate: string, reference: string, n: number): number
  }
  export default rouge
}
