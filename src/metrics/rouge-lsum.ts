import {lcsAlignment} from './lcs-alignment.ts'
import {matchMasks} from './match-masks.ts'
import {type PrecisionRecall, precisionRecallOf} from './precision-recall.ts'
import {rougeTokens} from './rouge-tokens.ts'
import {tokenCounts} from './token-counts.ts'

/**
 * ROUGE-Lsum of rouge_score 0.1.2: for each line of the reference the union of its longest common subsequences with all
 * lines of the prediction, no word counted more often than both texts hold it. Lines end at `\n` only, never at a full
 * stop; without a line break it equals ROUGE-L.
 */
export function rougeLsum(prediction: string, reference: string, stem: boolean): PrecisionRecall {
  const predictedLines = prediction.split('\n').map((line) => rougeTokens(line, stem))
  const expectedLines = reference.split('\n').map((line) => rougeTokens(line, stem))
  const predicted = predictedLines.flat()
  const expected = expectedLines.flat()
  const lineMasks = predictedLines.filter((line) => line.length > 0).map(matchMasks)
  const predictedLeft = tokenCounts(predicted)
  const expectedLeft = tokenCounts(expected)
  let hits = 0
  for (const line of expectedLines) {
    const union = new Set(lineMasks.flatMap((masks) => lcsAlignment(line, masks)))
    for (const position of union) {
      const word = line[position]!
      const left = predictedLeft.get(word) ?? 0
      const wanted = expectedLeft.get(word) ?? 0
      if (left === 0 || wanted === 0) continue
      hits += 1
      predictedLeft.set(word, left - 1)
      expectedLeft.set(word, wanted - 1)
    }
  }
  return precisionRecallOf(hits, predicted.length, expected.length)
}
