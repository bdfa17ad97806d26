import type {JudgeCard} from '../store/judgement.ts'

/** Who judged how, in one line. */
export function judgeText({judge, variant, embeddings, votes, against}: JudgeCard): string {
  const vectors =
    embeddings === undefined
      ? ''
      : `; embeddings of ${embeddings.kind === 'server' ? embeddings.model : embeddings.name}`
  const times = votes === 1 ? '1 vote' : `${votes} votes`
  const other = against === undefined ? '' : `; against ${against.model}`
  return `${variant}; ${judgeName(judge)}${vectors}; ${times}${other}`
}

function judgeName(judge: JudgeCard['judge']): string {
  switch (judge.kind) {
    case 'server':
      return `judge ${judge.model} at ${judge.host}`
    case 'checkpoint':
      return `judge ${judge.name} ${judge.dtype} on this machine, by ${judge.verdict}`
    case 'none':
      return 'no judge'
  }
}
