/**
 * Resident memory over thousands of decode steps: a batch of prompts is decoded again and again with the model in its own
 * thread, as `slm eval` does, and the process's resident memory is read after each round.
 *
 *   node --import tsx bench/steady-memory.ts --model FOLDER [--dtype q4] [--batch-size 8] [--new-tokens 100]
 *     [--steps 4000] [--warm-up 500] [--threads 2]
 *
 * Ends with the growth from the end of the warm-up to the last round, and with the highest reading after the warm-up.
 */
import {parseArgs} from 'node:util'
import type {Dtype} from '../src/engine/language-model.ts'
import {generationFor} from '../src/inference/checkpoint-generation.ts'
import {openInference} from '../src/inference/inference.ts'
import {seededRandom} from '../src/stats/random.ts'

const {values} = parseArgs({
  options: {
    model: {type: 'string'},
    dtype: {type: 'string'},
    'batch-size': {type: 'string', default: '8'},
    'new-tokens': {type: 'string', default: '100'},
    steps: {type: 'string', default: '4000'},
    'warm-up': {type: 'string', default: '500'},
    threads: {type: 'string', default: '2'},
  },
})
if (!values.model) throw new Error('--model is needed; see the head of this file')
const [batchSize, newTokens, steps, warmUp] = [
  values['batch-size'],
  values['new-tokens'],
  values.steps,
  values['warm-up'],
].map(Number) as [number, number, number, number]

const inference = await openInference({
  folder: values.model,
  name: 'bench',
  dtype: values.dtype as Dtype | undefined, // an unknown one is refused by name
  threads: Number(values.threads),
})
const {facts} = inference
const generation = await generationFor({
  folder: values.model,
  facts,
  generation: {min_new_tokens: newTokens},
  flags: {maxNewTokens: newTokens},
  defaultMaxNewTokens: newTokens,
})
const random = seededRandom(1)
const megabytes = (): number => process.memoryUsage.rss() / 2 ** 20

let taken = 0
let settled: number | undefined
let highest = 0
while (taken < steps) {
  const requests = Array.from({length: batchSize}, (_, key) => ({
    key,
    seed: key,
    promptIds: Array.from({length: 20 + random.below(80)}, () => 3 + random.below(facts.vocabulary - 3)),
  }))
  const options = {generation, batchSize, topLogits: 0, logprobs: false, stopStrings: [], seed: 0}
  for await (const event of inference.decode(requests, options))
    if (event.kind === 'row' && event.row.kind === 'failed') throw new Error(event.row.error)
  taken += newTokens
  if (taken >= warmUp) {
    settled ??= megabytes()
    highest = Math.max(highest, megabytes())
  }
  console.log(`${String(taken).padStart(6)} steps  ${megabytes().toFixed(1)} MiB`)
}
const change = (value: number): string => `${(100 * (value / settled! - 1)).toFixed(2)}%`
console.log(
  `after ${taken} steps ${change(megabytes())} above the ${settled!.toFixed(1)} MiB after warm-up, at most ${change(highest)}`,
)
await inference.close()
