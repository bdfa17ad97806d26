/** One measurement of task-against-transformers.ts with transformers.js `generate`: prints one line of JSON. */
import {readFileSync} from 'node:fs'
import {basename, dirname, resolve} from 'node:path'
import {AutoModelForCausalLM, AutoModelForSeq2SeqLM, env, Tensor} from '@huggingface/transformers'
import {readCheckpointConfig} from '../src/engine/checkpoint-config.ts'
import {specialTokens} from '../src/engine/special-tokens.ts'
import {peakBytes, readJob, readPrompts} from './task-job.ts'

const job = readJob()
const prompts = readPrompts(readFileSync(job.prompts, 'utf8'))
const config = await readCheckpointConfig(job.folder)
const isPair = config.model?.is_encoder_decoder === true
const tokens = specialTokens(job.folder, config, isPair ? 'enc-dec' : 'dec-only')
const pad = tokens.pad ?? tokens.end[0]!
const ends = job.endTokens ?? tokens.end
// A local model is found by its name in a folder of models.
env.localModelPath = dirname(resolve(job.folder))
const model = await (isPair ? AutoModelForSeq2SeqLM : AutoModelForCausalLM).from_pretrained(
  basename(resolve(job.folder)),
  {
    dtype: job.dtype,
    local_files_only: true,
    session_options: {intraOpNumThreads: job.threads, interOpNumThreads: 1, logSeverityLevel: 3},
  },
)

async function decode(some: readonly (readonly number[])[]): Promise<number[][]> {
  const rows: number[][] = []
  for (let start = 0; start < some.length; start += job.batchSize) {
    const batch = some.slice(start, start + job.batchSize)
    const length = Math.max(...batch.map((row) => row.length))
    const ids = batch.map((row) => padded(row, length, pad))
    const mask = batch.map((row) =>
      padded(
        row.map(() => 1),
        length,
        0,
      ),
    )
    // The package types the result as a union; without return_dict_in_generate it is the tensor of ids.
    const output = (await model.generate({
      inputs: integers(ids),
      attention_mask: integers(mask),
      max_new_tokens: job.maxNewTokens,
      do_sample: false,
      pad_token_id: pad,
      eos_token_id: [...ends],
    } as never)) as Tensor
    const given = isPair ? 1 : length
    for (const row of output.tolist()) rows.push(untilEnd(row.slice(given).map(Number)))
  }
  return rows
}

function padded(row: readonly number[], length: number, filler: number): number[] {
  const fill = new Array<number>(length - row.length).fill(filler)
  return isPair ? [...row, ...fill] : [...fill, ...row]
}

function integers(rows: readonly (readonly number[])[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]!.length])
}

/** transformers.js goes on sampling rows that have ended: what counts is up to the row's own end token. */
function untilEnd(row: readonly number[]): number[] {
  const end = row.findIndex((id) => ends.includes(id))
  return row.slice(0, end < 0 ? job.maxNewTokens : end + 1)
}

await decode(prompts.slice(0, 2))
const start = performance.now()
const rows = await decode(prompts)
const seconds = (performance.now() - start) / 1000
console.log(
  JSON.stringify({
    seconds,
    peakBytes: peakBytes(),
    newTokens: rows.reduce((sum, row) => sum + row.length, 0),
    rows,
  }),
)
await model.dispose()
