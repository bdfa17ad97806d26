import rouge from 'rouge'
import {type PrecisionRecall, precisionRecall} from './precision-recall.ts'
import {rougeTokens} from './rouge-tokens.ts'

/**
 * ROUGE-N of rouge_score 0.1.2 (n-grams counted with repeats, clipped), computed by npm `rouge`.
 *
 * The package counts distinct grams and joins their words without a gap. Each n-gram therefore goes in as one word that
 * also says which occurrence it is, `the_cat_2` for the second `the cat`: distinct words then are clipped counts.
 */
export function rougeN(prediction: string, reference: string, n: number, stem: boolean): PrecisionRecall {
  const predicted = numberedGrams(rougeTokens(prediction, stem), n)
  const expected = numberedGrams(rougeTokens(reference, stem), n)
  if (predicted === '' || expected === '') return precisionRecall(0, 0)
  return precisionRecall(rouge.n(expected, predicted, 1), rouge.n(predicted, expected, 1))
}

/** `["a", "b", "a", "b"]` as bigrams: `a_b_1 b_a_1 a_b_2`. Tokens hold neither `_` nor spaces, so no two grams meet. */
function numberedGrams(tokens: readonly string[], n: number): string {
  const seen = new Map<string, number>()
  const grams: string[] = []
  for (let start = 0; start + n <= tokens.length; start += 1) {
    const gram = tokens.slice(start, start + n).join('_')
    const occurrence = (seen.get(gram) ?? 0) + 1
    seen.set(gram, occurrence)
    grams.push(`${gram}_${occurrence}`)
  }
  return grams.join(' ')
}
