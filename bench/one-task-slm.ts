/** One measurement of task-against-transformers.ts: prints one line of JSON. */
import {readFileSync} from 'node:fs'
import {generationFor} from '../src/inference/checkpoint-generation.ts'
import {openInference} from '../src/inference/inference.ts'
import {peakBytes, readJob, readPrompts} from './task-job.ts'

const job = readJob()
const prompts = readPrompts(readFileSync(job.prompts, 'utf8'))
const inference = await openInference({
  folder: job.folder,
  name: 'bench',
  dtype: job.dtype,
  threads: job.threads,
})
const generation = await generationFor({
  folder: job.folder,
  facts: inference.facts,
  generation: job.endTokens === undefined ? undefined : {eos_token_id: [...job.endTokens]},
  flags: {maxNewTokens: job.maxNewTokens},
  defaultMaxNewTokens: job.maxNewTokens,
})
const options = {
  generation,
  batchSize: job.batchSize,
  topLogits: 0,
  logprobs: false,
  stopStrings: [],
  seed: 0,
}

async function decode(some: readonly (readonly number[])[]): Promise<{rows: number[][]; overhead: number}> {
  const rows: number[][] = []
  const events = inference.decode(
    some.map((promptIds, key) => ({key, promptIds, seed: key})),
    options,
  )
  for (;;) {
    const next = await events.next()
    if (next.done) return {rows, overhead: 1 - (next.value?.computeMs ?? 0) / (next.value?.wallMs ?? 1)}
    const event = next.value
    if (event.kind !== 'row') continue
    if (event.row.kind === 'failed') throw new Error(event.row.error)
    rows[event.row.key] = [...event.row.newIds]
  }
}

await decode(prompts.slice(0, 2))
const start = performance.now()
const {rows, overhead} = await decode(prompts)
const seconds = (performance.now() - start) / 1000
console.log(
  JSON.stringify({
    seconds,
    overhead,
    peakBytes: peakBytes(),
    newTokens: rows.reduce((sum, row) => sum + row.length, 0),
    rows,
  }),
)
await inference.close()
