import type {JudgeCard, Judgement, JudgeVote} from '../store/judgement.ts'
import {type JudgedItem, scoreByRule} from './judged-item.ts'
import type {OpenedMethod} from './methods/catalogue.ts'
import type {Tools} from './methods/method.ts'
import type {JudgedPair} from './methods/pairwise.ts'

/** Judges one sample: by rule where something is empty, else by as many votes as were asked for. */
export async function judgeItem(
  item: JudgedPair,
  {judgeItem: judge, method}: OpenedMethod,
  card: Pick<JudgeCard, 'id' | 'votes'>,
  tools: Tools,
): Promise<Judgement> {
  const {task, id, index} = item
  const place = {judge: card.id, method, task, id, index}
  const ruled = method === 'pairwise' ? pairByRule(item) : scoreByRule(item)
  if (ruled !== undefined) return {status: 'judged', ...place, ...ruled, votes: []}
  const votes = await Promise.all(Array.from({length: card.votes}, (_, vote) => judge(item, vote, tools)))
  const scores = votes.flatMap((vote) => (vote.status === 'judged' ? [vote.score] : []))
  // A minority of votes says nothing about the whole.
  if (scores.length * 2 > votes.length) {
    const score = scores.reduce((sum, value) => sum + value, 0) / scores.length
    return {status: 'judged', ...place, score, votes}
  }
  const failed = votes.find(
    (vote): vote is Exclude<JudgeVote, {status: 'judged'}> => vote.status !== 'judged',
  )!
  return {status: failed.status, ...place, why: failed.why, votes}
}

/** Equal answers tie; of an empty and a filled one the better is known: where there is no answer, the empty one. */
function pairByRule(pair: JudgedPair): {readonly score: number; readonly rule: string} | undefined {
  const [ours, theirs] = [pair.answer.trim(), pair.otherAnswer.trim()]
  if (ours === theirs) return {score: 0.5, rule: 'equal-answers'}
  const other: JudgedItem = {...pair, answer: pair.otherAnswer}
  const [mine, its] = [scoreByRule(pair), scoreByRule(other)]
  if (mine === undefined && its === undefined) return undefined
  // Where one of them is scored by rule the other is better or worse than that for certain.
  const gap = (mine?.score ?? 0.5) - (its?.score ?? 0.5)
  return gap === 0 ? {score: 0.5, rule: 'both-by-rule'} : {score: gap > 0 ? 1 : 0, rule: 'empty-answer'}
}
