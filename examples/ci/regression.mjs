// A CI regression run from end to end, on the checkpoints that ship with slm: four shards, merge, gate against the committed
// baseline, which must pass; then a deliberately damaged checkpoint, which must end with exit code 1.
//
//   node examples/ci/regression.mjs [work folder]      checks (half a minute on two idle cores; less with SLM_BIN=bin/run.js)
//   node examples/ci/regression.mjs --save             makes the baselines anew
import {spawn} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {damage} from './damage.mjs'

const SHARDS = 4
const SETTINGS = ['--task', 'xsum-mini,squad-mini', '--limit', '16', '--max-new-tokens', '12', '--quiet']
const MODELS = {
  'demo-enc-dec': 'onnx/decoder_model_merged.onnx',
  'demo-dec-only': 'onnx/model.onnx',
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))
const isSaving = process.argv[2] === '--save'
const work =
  isSaving || process.argv[2] === undefined ? mkdtempSync(join(tmpdir(), 'slm-ci-')) : process.argv[2]

function say(text) {
  process.stdout.write(`${text}\n`)
}

/** Runs slm and gives its exit code: the sources, or the program that SLM_BIN names (bin/run.js after npm run build). */
function slm(...args) {
  const built = process.env.SLM_BIN
  const program = built === undefined ? ['--import', 'tsx', 'bin/dev.js'] : [built]
  say(`$ slm ${args.join(' ')}`)
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code))
  })
}

async function expectCode(wanted, ...args) {
  const code = await slm(...args)
  if (code === wanted) return
  throw new Error(`slm ${args[0]} ended with exit code ${code}, expected ${wanted}`)
}

/** Four shards, two at a time, and one folder of them. */
async function shardedRun(model, name) {
  const folders = Array.from({length: SHARDS}, (_, index) => join(work, `${name}-${index + 1}`))
  for (let first = 0; first < SHARDS; first += 2)
    await Promise.all(
      folders.slice(first, first + 2).map((folder, at) => {
        const shard = `${first + at + 1}/${SHARDS}`
        return expectCode(0, 'eval', '--model', model, ...SETTINGS, '--shard', shard, '--out', folder)
      }),
    )
  const merged = join(work, name)
  await expectCode(0, 'merge', ...folders, '--out', merged)
  return merged
}

mkdirSync(work, {recursive: true})
for (const [model, graph] of Object.entries(MODELS)) {
  const baseline = join(here, `${model}.baseline.json`)
  const merged = await shardedRun(model, model)
  if (isSaving) {
    rmSync(baseline, {force: true})
    await expectCode(0, 'baseline', 'save', merged, '--out', baseline, '--answers')
    continue
  }
  const gate = ['--baseline', baseline, '--policy', join(here, 'policy.yaml'), '--junit']
  await expectCode(0, 'gate', merged, ...gate, join(work, `${model}.xml`))
  const damaged = join(work, `${model}-damaged`)
  cpSync(join(root, 'checkpoints', model), damaged, {recursive: true})
  damage(join(damaged, graph))
  await expectCode(0, 'eval', '--model', damaged, ...SETTINGS, '--out', join(work, `${model}-bad`))
  await expectCode(1, 'gate', join(work, `${model}-bad`), ...gate, join(work, `${model}-bad.xml`))
}
say(
  isSaving
    ? 'the baselines were made anew'
    : 'the shipped checkpoints passed their gates, and the damaged ones were caught',
)
