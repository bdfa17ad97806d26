import type {QuantizationCost} from '../eval/quantization-cost.ts'
import type {Estimate} from '../stats/estimate.ts'

/** What `slm model quantize` prints of the cost: lines of plain words, one block for each small form. */
export function quantizationLines(costs: readonly QuantizationCost[]): string[] {
  return costs.flatMap(({dtype, task, samples, rougeL, equalAnswers, tokens}) => [
    `${dtype} against fp32 on ${samples} samples of ${task}:`,
    'missing' in rougeL
      ? `  ROUGE-L: none, ${rougeL.missing}`
      : `  ROUGE-L fp32 ${text(rougeL.whole)}, ${dtype} ${text(rougeL.small)}, difference ${signed(rougeL.difference)}`,
    `  ${equalAnswers} of ${samples} answers have the same tokens; ${tokens.agreed} of ${tokens.of} tokens of the fp32 answers come before the first that differs${tokens.of === 0 ? '' : ` (${((100 * tokens.agreed) / tokens.of).toFixed(1)}%)`}`,
  ])
}

function text({value, low, high}: Estimate): string {
  return `${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`
}

function signed({value, low, high}: Estimate): string {
  const sign = (number: number): string => `${number < 0 ? '' : '+'}${number.toFixed(4)}`
  return `${sign(value)} [${sign(low)}, ${sign(high)}]`
}
