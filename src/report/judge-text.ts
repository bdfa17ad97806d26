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

/** How far it can be trusted, as far as anybody has measured; undefined for judges that were not trained to judge. */
export function trustText({judge}: JudgeCard): string | undefined {
  if (judge.kind !== 'checkpoint' || judge.note === undefined) return undefined
  const {measured, name} = judge
  if (measured === undefined)
    return `${name}: nobody has measured how far its verdicts agree with labels (slm judge calibrate --keep)`
  const {kappa, constantRaw, rows, labels} = measured
  return `${name}: Cohen’s kappa ${kappa.value.toFixed(2)} [${kappa.low.toFixed(2)}, ${kappa.high.toFixed(2)}] with ${kappa.count} of ${rows} labels that its training never saw (${labels}); a constant verdict agrees with ${(100 * constantRaw).toFixed(0)}% of them and has kappa 0`
}

function judgeName(judge: JudgeCard['judge']): string {
  switch (judge.kind) {
    case 'server':
      return `judge ${judge.model} at ${judge.host}`
    case 'checkpoint':
      return `judge ${judge.name}${judge.note === undefined ? '' : ` (${judge.note})`} ${judge.dtype} on this machine, by ${judge.verdict}`
    case 'none':
      return 'no judge'
  }
}
