/**
 * One decode step of a decoder-only checkpoint with keys and values in place (rewritten at load) against the file as it
 * is, in turn in one process: median milliseconds, the ratio of each pair by the clock and by processor time (which other
 * programs disturb less; use --threads 1 for it, since waiting threads spin), and what a step copies between ONNX Runtime
 * and JavaScript. Memory is measured in a process of its own for each form.
 *
 *   node --import tsx bench/decode-step.ts --model FOLDER [--dtype q4] [--batch-sizes 1,4,8,16]
 *     [--contexts 128,512,1024] [--steps 12] [--threads 2] [--no-memory]
 *
 * The prompt is computed once and its row repeated, which a step cannot tell from different prompts. Not a test:
 * figures depend on the machine and on what else it does.
 */
import {execFileSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import type {DecoderState, Dtype, LanguageModel} from '../src/engine/language-model.ts'
import {openModel} from '../src/engine/open-model.ts'

const {values} = parseArgs({
  options: {
    model: {type: 'string'},
    dtype: {type: 'string'},
    'batch-sizes': {type: 'string', default: '1,4,8,16'},
    contexts: {type: 'string', default: '128,512,1024'},
    steps: {type: 'string', default: '12'},
    threads: {type: 'string', default: '2'},
    'no-memory': {type: 'boolean', default: false},
    /** Set by this script for itself: measures one form's memory and prints one line of JSON. */
    form: {type: 'string'},
  },
})
if (!values.model) throw new Error('--model is needed; see the head of this file')

const FORMS = ['in place', 'as in the file'] as const
type Form = (typeof FORMS)[number]

const numbersOf = (text: string): number[] => text.split(',').map(Number)
const steps = Number(values.steps)

function open(form: Form): Promise<LanguageModel> {
  return openModel({
    folder: values.model!,
    name: values.model!,
    threads: Number(values.threads),
    asInFile: form !== 'in place',
    ...(values.dtype === undefined ? {} : {dtype: values.dtype as Dtype}),
  })
}

async function stateOf(model: LanguageModel, rows: number, context: number): Promise<DecoderState> {
  const ids = Array.from({length: context}, (_, index) => 100 + ((index * 7919) % 2000))
  const state = await model.prefill([ids])
  if (rows > 1) state.select(new Int32Array(rows))
  return state
}

interface Sample {
  readonly wallMs: number
  readonly processorMs: number
}

async function measure(state: DecoderState, token: number): Promise<Sample> {
  const [start, before] = [performance.now(), process.cpuUsage()]
  await state.step(new Int32Array(state.rows).fill(token))
  const {user, system} = process.cpuUsage(before)
  return {wallMs: performance.now() - start, processorMs: (user + system) / 1000}
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}

function quantile(samples: readonly number[], share: number): number {
  return [...samples].sort((a, b) => a - b)[Math.round(share * (samples.length - 1))]!
}

async function compare(models: Record<Form, LanguageModel>, rows: number, context: number): Promise<void> {
  const states = {
    'in place': await stateOf(models['in place'], rows, context),
    'as in the file': await stateOf(models['as in the file'], rows, context),
  }
  const samples: Record<Form, Sample[]> = {'in place': [], 'as in the file': []}
  for (let step = 0; step < steps + 2; step += 1) {
    const order = step % 2 === 0 ? FORMS : [...FORMS].reverse()
    for (const form of order) {
      const sample = await measure(states[form], 200 + step)
      // The first two warm up.
      if (step >= 2) samples[form].push(sample)
    }
  }
  for (const form of FORMS) states[form].close()
  const ratios = (key: keyof Sample): string => {
    const each = samples['in place'].map((sample, at) => samples['as in the file'][at]![key] / sample[key])
    return `${median(each).toFixed(2)} (${quantile(each, 0.25).toFixed(2)}-${quantile(each, 0.75).toFixed(2)})`
  }
  const perToken = models['in place'].facts.cacheBytesPerToken
  const copied = (tokens: number): string => `${((rows * perToken * tokens) / 1e6).toFixed(1)}`
  const ms = (form: Form): string => {
    const each = samples[form].map(({wallMs}) => wallMs)
    return `${median(each).toFixed(1)} (${Math.min(...each).toFixed(1)})`
  }
  console.log(
    `| ${rows} | ${context} | ${ms('as in the file')} | ${ms('in place')} | ${ratios('wallMs')} | ${ratios('processorMs')} | ${copied(context)} | ${copied(1)} |`,
  )
}

function memoryOf(form: Form, rows: number, context: number): {loaded: number; peak: number} {
  const script = fileURLToPath(import.meta.url)
  const own = ['--form', form, '--batch-sizes', String(rows), '--contexts', String(context)]
  const output = execFileSync(
    process.execPath,
    ['--import', 'tsx', script, ...process.argv.slice(2), ...own],
    {
      encoding: 'utf8',
    },
  )
  return JSON.parse(output.trim().split('\n').at(-1)!)
}

async function reportMemory(form: Form): Promise<void> {
  const model = await open(form)
  const loaded = process.memoryUsage.rss()
  const state = await stateOf(model, numbersOf(values['batch-sizes'])[0]!, numbersOf(values.contexts)[0]!)
  for (let step = 0; step < steps; step += 1) await measure(state, 200 + step)
  console.log(JSON.stringify({loaded, peak: process.resourceUsage().maxRSS * 1024}))
  state.close()
  await model.close()
}

async function report(): Promise<void> {
  const models = {'in place': await open('in place'), 'as in the file': await open('as in the file')}
  for (const note of models['in place'].facts.notes) console.log(`- ${note}`)
  console.log(
    '| rows | context | as in the file, ms (least) | in place, ms (least) | times faster (quartiles) | by processor time | MB copied per step: file | in place |',
  )
  console.log('|---|---|---|---|---|---|---|---|')
  for (const context of numbersOf(values.contexts))
    for (const rows of numbersOf(values['batch-sizes'])) await compare(models, rows, context)
  for (const form of FORMS) await models[form].close()
  if (values['no-memory']) return
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(0)
  console.log('\n| rows | context | form | loaded, MB | peak, MB |\n|---|---|---|---|---|')
  for (const context of numbersOf(values.contexts))
    for (const rows of numbersOf(values['batch-sizes']))
      for (const form of FORMS) {
        const {loaded, peak} = memoryOf(form, rows, context)
        console.log(`| ${rows} | ${context} | ${form} | ${mb(loaded)} | ${mb(peak)} |`)
      }
}

if (values.form === undefined) await report()
else await reportMemory(FORMS.find((form) => form === values.form)!)
