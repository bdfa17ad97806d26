import type {JudgeMethod} from '../../config/judge-config.ts'
import type {JudgeVote} from '../../store/judgement.ts'
import {answerCorrectness, CORRECTNESS_WEIGHTS} from './answer-correctness.ts'
import {correctnessByLikelihood, pairwiseByLikelihood, rubricByLikelihood} from './by-likelihood.ts'
import type {Tools} from './method.ts'
import {type JudgedPair, pairwise} from './pairwise.ts'
import {rubric} from './rubric.ts'
import {answerSimilarity} from './similarity.ts'

/** A method as it is used with a certain kind of judge. */
export interface OpenedMethod {
  readonly method: JudgeMethod
  /** Raised when the same replies would give another score. */
  readonly version: number
  /** The variant in words, for cards and notes. */
  readonly variant: string
  /** Judges one item that no rule scores; pairs for the pairwise method. */
  readonly judgeItem: (item: JudgedPair, vote: number, tools: Tools) => Promise<JudgeVote>
}

/** The method for a judge that writes or weighs words, or for none; with or without an embedding model. */
export function openMethod(
  method: JudgeMethod,
  judgeKind: 'writing' | 'weighing' | 'none',
  hasEmbeddings: boolean,
): OpenedMethod {
  const isWeighing = judgeKind === 'weighing'
  switch (method) {
    case 'answer-correctness': {
      const [statements, alike] = CORRECTNESS_WEIGHTS
      const weights = hasEmbeddings
        ? `${statements} x F1 of judged statements + ${alike} x similarity`
        : 'F1 of judged statements alone, no embedding model'
      const how = isWeighing
        ? 'statements split by rule, verdicts by likelihood'
        : 'statements and verdicts by the judge'
      return {
        method,
        version: 1,
        variant: `ragas_style_answer_correctness: ${weights}; ${how}`,
        judgeItem: isWeighing ? correctnessByLikelihood : answerCorrectness,
      }
    }
    case 'similarity':
      return {
        method,
        version: 1,
        variant: 'answer_similarity: cosine of embeddings, at least 0',
        judgeItem: answerSimilarity,
      }
    case 'rubric':
      return {
        method,
        version: 1,
        variant: isWeighing
          ? 'rubric: 1 to 5 weighted by likelihood (G-Eval), mapped to 0..1'
          : 'rubric: 1 to 5 with a reason (G-Eval style), mapped to 0..1',
        judgeItem: isWeighing ? rubricByLikelihood : rubric,
      }
    case 'pairwise':
      return {
        method,
        version: 1,
        variant: 'pairwise: share of wins, both orders, disagreement counts as a tie',
        judgeItem: isWeighing ? pairwiseByLikelihood : pairwise,
      }
  }
}
