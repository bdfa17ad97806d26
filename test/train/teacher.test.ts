import {cpSync, mkdirSync, mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {openArrayGraph} from '../../src/engine/array-graph.ts'
import {writeCheckpoint} from '../../src/onnx/checkpoint/write-checkpoint.ts'
import {openTokenizer} from '../../src/tokenizer/open-tokenizer.ts'
import {openTeacher} from '../../src/train/teacher.ts'
import {trainingGraph} from '../../src/train/training-graph.ts'
import {weightSource} from '../../src/train/weight-source.ts'
import {distance} from '../onnx/run-graph.ts'
import {precision} from '../onnx/small-networks.ts'
import {
  asInputs,
  EXAMPLES,
  fullWeights,
  graphOptions,
  lossInputs,
  SHAPES,
  smallBatch,
} from './small-training.ts'

const TEACHER = SHAPES['decoder-only, recipe']!
const V = TEACHER.vocabulary

/** A checkpoint of the teacher, and its training graph's logits over the decoder-only batch. */
async function teacherAndItsLogits() {
  const folder = mkdtempSync(join(tmpdir(), 'slm-teacher-'))
  const tokenizer = fileURLToPath(new URL('../../checkpoints/demo-dec-only/', import.meta.url))
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    cpSync(join(tokenizer, name), join(folder, name))
  writeCheckpoint({
    folder,
    shape: TEACHER,
    weights: weightSource(fullWeights(TEACHER)),
    precisions: [precision('fp32')],
    tokens: {begin: 1, end: 2, pad: 0},
    provenance: {},
  })
  const batch = smallBatch(TEACHER)
  const count = batch.lossWeights.length
  const logits = {data: new Float32Array(count * V), dims: [count, V]}
  const graph = await openArrayGraph(trainingGraph(graphOptions(TEACHER)).bytes, 1)
  await graph.run({...asInputs(fullWeights(TEACHER)), ...lossInputs(batch)}, {logits})
  await graph.close()
  const {digest} = await openTokenizer(folder)
  return {teacher: await openTeacher(folder, digest, V, 1), batch, logits: logits.data}
}

describe('openTeacher', () => {
  it('refuses a checkpoint whose weights lie beside its graph, by name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slm-teacher-'))
    mkdirSync(join(folder, 'onnx'))
    for (const name of ['model.onnx', 'weights.onnx_data']) writeFileSync(join(folder, 'onnx', name), '')
    await expect(openTeacher(folder, '', V, 1)).rejects.toMatchObject({
      code: 'teacher-unsuitable',
      message: expect.stringContaining('50M parameters or more are not supported'),
    })
  })

  it('puts what it thinks of each answer token where a student of either architecture predicts it', async () => {
    const {teacher, batch, logits} = await teacherAndItsLogits()
    for (const name of ['encoder-decoder, recipe', 'decoder-only, recipe']) {
      const student = smallBatch(SHAPES[name]!)
      const {logits: judged, rows} = await teacher.judge(EXAMPLES, student, V)
      const longest = Math.max(...EXAMPLES.map(({target}) => target.length))
      expect(judged.dims).toEqual([EXAMPLES.length * longest, V])
      for (const [row, {start, length}] of student.answers.entries()) {
        const position = row * student.shape.targetLength + start
        const from = (row * batch.shape.targetLength + batch.answers[row]!.start) * V
        const wanted = logits.subarray(from, from + length * V)
        const found = Array.from(rows.subarray(position, position + length), (at) =>
          judged.data.subarray(Number(at) * V, (Number(at) + 1) * V),
        )
        expect(
          distance(Float32Array.from(found.flatMap((part) => [...part].map(Number))), wanted),
        ).toBeLessThan(1e-4)
      }
      const outside = student.targetWeights.indexOf(0)
      expect(rows[outside]).toBe(0n)
    }
    await teacher.close()
  })
})
