import type {JudgeVote} from '../../store/judgement.ts'
import {type JudgedItem, nearestReference} from '../judged-item.ts'
import type {Tools} from './method.ts'

/**
 * Ragas' answer similarity: the cosine of the embeddings of answer and reference. Ragas does not clamp it; the score here
 * is at least 0, and the cosine itself stays in the record.
 */
export async function answerSimilarity(
  item: JudgedItem,
  _vote: number,
  {similarity}: Tools,
): Promise<JudgeVote> {
  if (similarity === undefined) throw new Error('answer similarity was given no embedding model')
  const alike = await similarity(item.answer, nearestReference(item)!)
  if (alike.status !== 'answered') return alike
  return {
    status: 'judged',
    score: Math.min(1, Math.max(0, alike.cosine)),
    detail: {similarity: alike.cosine},
  }
}
