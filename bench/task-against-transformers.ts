/**
 * A whole task (prompts of mixed lengths, rows that stop at different steps) through slm and through transformers.js on
 * the very same files: samples per second at each program's best batch size, peak memory, and whether the outputs are
 * equal up to each row's own end token. Every measurement is a process of its own, the two programs in turn.
 *
 *   node --import tsx bench/task-against-transformers.ts --model FOLDER --dtype q4 [--prompts prompts.jsonl | --rows 48]
 *     [--longest 1024] [--end-every 40] [--batch-sizes 1,4,8,16,32] [--max-new-tokens 64] [--repeats 3] [--threads 2]
 *     [--out bench.json]
 *
 * Prompts are rows {"ids":[...]}; without a file, so many rows of random ids (seed 1) whose lengths are spread as those of
 * 500 articles of XSum's test set are in SmolLM2's tokens: log-normal around 392, deviation 0.75, cut at 32 and --longest. --end-every n: each n-th id ends a row, so that rows of
 * an untrained network stop at different steps. What the prompts alone cost is measured too (one new token a row): it
 * bounds what any decode loop can gain. Not a test: figures depend on the machine and on what else it does.
 */
import {execFile} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseArgs, promisify} from 'node:util'

import {readCheckpointConfig} from '../src/engine/checkpoint-config.ts'
import {vocabularySize} from '../src/engine/model-sizes.ts'
import {seededRandom} from '../src/stats/random.ts'

interface Measured {
  readonly seconds: number
  readonly peakBytes: number
  readonly newTokens: number
  /** Share of wall time outside ONNX Runtime; absent for transformers.js, which does not tell. */
  readonly overhead?: number
  readonly rows: readonly (readonly number[])[]
}

const {values} = parseArgs({
  options: {
    model: {type: 'string'},
    dtype: {type: 'string', default: 'q4'},
    prompts: {type: 'string'},
    rows: {type: 'string', default: '48'},
    longest: {type: 'string', default: '1024'},
    'end-every': {type: 'string'},
    'batch-sizes': {type: 'string', default: '1,4,8,16,32'},
    'max-new-tokens': {type: 'string', default: '64'},
    repeats: {type: 'string', default: '3'},
    threads: {type: 'string', default: '2'},
    out: {type: 'string'},
  },
})
if (!values.model) throw new Error('--model is needed; see the head of this file')
const vocabulary = vocabularySize(await readCheckpointConfig(values.model))
if (vocabulary === undefined) throw new Error('config.json does not name the size of the vocabulary')
const scratch = mkdtempSync(join(tmpdir(), 'slm-bench-'))
process.on('exit', () => rmSync(scratch, {recursive: true, force: true}))
const promptFile = values.prompts ?? articleLengths(join(scratch, 'prompts.jsonl'))
const endTokens =
  values['end-every'] === undefined
    ? undefined
    : Array.from(
        {length: Math.floor((vocabulary - 1) / Number(values['end-every']))},
        (_, index) => (index + 1) * Number(values['end-every']),
      )

/** Writes rows of random ids. */
function articleLengths(file: string): string {
  const random = seededRandom(1)
  const lines = Array.from({length: Number(values.rows)}, () => {
    // Two uniform numbers make a normal one (Box-Muller).
    const normal = Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float())
    const length = Math.round(Math.min(Number(values.longest), Math.max(32, 392 * Math.exp(0.75 * normal))))
    return JSON.stringify({ids: Array.from({length}, () => 3 + random.below(vocabulary! - 3))})
  })
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

const run = promisify(execFile)
const programs = ['slm', 'transformers.js'] as const
type Program = (typeof programs)[number]

async function measure(
  program: Program,
  batchSize: number,
  maxNewTokens = Number(values['max-new-tokens']),
): Promise<Measured> {
  const script = fileURLToPath(
    new URL(`./one-task-${program === 'slm' ? 'slm' : 'transformers'}.ts`, import.meta.url),
  )
  const job = {
    folder: values.model,
    dtype: values.dtype,
    prompts: promptFile,
    batchSize,
    maxNewTokens,
    endTokens,
    threads: Number(values.threads),
  }
  const jobFile = join(scratch, 'job.json')
  writeFileSync(jobFile, JSON.stringify(job))
  const {stdout} = await run(process.execPath, ['--import', 'tsx', script, jobFile], {
    maxBuffer: 2 ** 28,
  })
  return JSON.parse(stdout.trim().split('\n').at(-1)!)
}

const sizes = values['batch-sizes'].split(',').map(Number)
const prompts = readFileSync(promptFile, 'utf8').trim().split('\n').length
const sweep: {program: Program; batchSize: number; measured: Measured}[] = []
for (const batchSize of sizes) {
  for (const program of programs) {
    const measured = await measure(program, batchSize)
    sweep.push({program, batchSize, measured})
    console.log(line(program, batchSize, measured))
  }
}
const best = Object.fromEntries(
  programs.map((program) => {
    const own = sweep.filter((each) => each.program === program)
    return [program, own.reduce((a, b) => (b.measured.seconds < a.measured.seconds ? b : a)).batchSize]
  }),
) as Record<Program, number> // one entry a program
console.log(`best batch sizes: slm ${best.slm}, transformers.js ${best['transformers.js']}`)

const pairs: {slm: Measured; 'transformers.js': Measured}[] = []
for (let repeat = 0; repeat < Number(values.repeats); repeat += 1) {
  const slm = await measure('slm', best.slm)
  const theirs = await measure('transformers.js', best['transformers.js'])
  pairs.push({slm, 'transformers.js': theirs})
  console.log(
    `${line('slm', best.slm, slm)}\n${line('transformers.js', best['transformers.js'], theirs)}\n  ratio ${(theirs.seconds / slm.seconds).toFixed(2)}`,
  )
}
const ratios = pairs.map((pair) => pair['transformers.js'].seconds / pair.slm.seconds).sort((a, b) => a - b)
const [first] = pairs
const equal = first!.slm.rows.filter(
  (row, index) => JSON.stringify(row) === JSON.stringify(first!['transformers.js'].rows[index]),
).length
console.log(
  `samples per second, slm over transformers.js: median ${ratios[ratios.length >> 1]!.toFixed(2)} (${ratios[0]!.toFixed(2)} to ${ratios.at(-1)!.toFixed(2)}, n=${ratios.length})`,
)
const prompt = await measure('slm', best.slm, 1)
const bound = first!['transformers.js'].seconds / prompt.seconds
console.log(
  `prompts alone (one new token a row): ${prompt.seconds.toFixed(2)} s of slm's ${first!.slm.seconds.toFixed(2)} s; a decoder that cost nothing would be at ${bound.toFixed(2)} times transformers.js`,
)
console.log(`outputs equal up to the row's own end token: ${equal} of ${prompts} rows`)
if (values.out)
  writeFileSync(
    values.out,
    `${JSON.stringify({model: values.model, dtype: values.dtype, prompts, best, ratios, equal, promptSeconds: prompt.seconds, bound, sweep: sweep.map(withoutRows), pairs: pairs.map((pair) => ({slm: short(pair.slm), transformers: short(pair['transformers.js'])}))}, null, 2)}\n`,
  )

function line(
  program: Program,
  batchSize: number,
  {seconds, peakBytes, newTokens, overhead}: Measured,
): string {
  const outside = overhead === undefined ? '' : `, ${(100 * overhead).toFixed(1)}% outside ONNX Runtime`
  return `${program.padEnd(16)} batch ${String(batchSize).padStart(3)}  ${(prompts / seconds).toFixed(2)} samples/s  ${(newTokens / seconds).toFixed(1)} tokens/s  peak ${(peakBytes / 2 ** 20).toFixed(0)} MiB${outside}`
}

function short({rows: _, ...rest}: Measured): Omit<Measured, 'rows'> {
  return rest
}

function withoutRows({program, batchSize, measured}: (typeof sweep)[number]): object {
  return {program, batchSize, ...short(measured)}
}
