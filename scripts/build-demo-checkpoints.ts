/**
 * Writes checkpoints/demo-enc-dec and checkpoints/demo-dec-only: untrained networks of equal size, so that every command
 * runs on a fresh clone before anything was trained or downloaded. Running it again gives the same bytes.
 *
 *     npx tsx scripts/build-demo-checkpoints.ts [FOLDER]
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {buildCheckpoint, planBuild} from '../src/onnx/checkpoint/build-checkpoint.ts'
import {BYTE_VOCABULARY} from '../src/onnx/checkpoint/byte-tokenizer.ts'

const DEMOS = [
  {name: 'demo-enc-dec', arch: 'enc-dec', layers: '4 encoder and 2 decoder layers'},
  {name: 'demo-dec-only', arch: 'dec-only', layers: '6 layers'},
] as const

const folder = process.argv[2] ?? fileURLToPath(new URL('../checkpoints', import.meta.url))
for (const {name, arch, layers} of DEMOS) {
  const plan = planBuild({
    arch,
    params: '160k',
    split: '2/3-1/3',
    width: 48,
    vocabulary: BYTE_VOCABULARY,
    context: 2048,
    dtype: 'fp32',
    blockSize: '32',
    accuracyLevel: '0',
    seed: 7,
    // Three times the size that keeps activations as they are: texts differ between prompts and keep moving.
    spread: '3',
  })
  const out = join(folder, name)
  buildCheckpoint(plan, out)
  writeFileSync(join(out, 'README.md'), readme(name, layers, plan.parameters, plan.shape.feedForward))
  console.log(`${out}: ${plan.parameters} parameters`)
}

function readme(name: string, layers: string, parameters: number, feedForward: number): string {
  return `# ${name}

**Untrained.** Random weights (seed 7): what it writes is noise, and its scores mean nothing. It is here so that every
command runs on a fresh clone, and so that speed and memory can be looked at.

The network of arXiv 2501.16273 in small: ${layers}, width 48, 2 heads of 16 that share one key/value head, feed-forward
${feedForward}, ${parameters.toLocaleString('en-US')} parameters. One token for each byte of UTF-8; ids 0, 1, 2 are padding, begin and end.

Made by \`npx tsx scripts/build-demo-checkpoints.ts\`, which gives the same bytes again. Apache-2.0, as the repository.
`
}
