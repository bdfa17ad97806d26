import {mkdtemp, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {openEmbedding} from '../../src/inference/embedding.ts'
import {BYTE_VOCABULARY, byteTokenizerFiles} from '../../src/onnx/checkpoint/byte-tokenizer.ts'
import {GraphBuilder} from '../../src/onnx/write/graph-builder.ts'

const WIDTH = 5

/** The state of a token: numbers that tell the bytes apart. */
function state(id: number, column: number): number {
  return Math.sin(1 + id * (column + 1))
}

/** A text encoder whose last hidden states are rows of a table, so that its vectors can be told by hand. */
async function checkpoint(
  over: {readonly output?: string; readonly extraInput?: string; readonly truncation?: number} = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slm-embedding-'))
  const graph = new GraphBuilder('encoder', {opset: 20, weights: undefined})
  const ids = graph.input('input_ids', 'int64', ['batch', 'length'])
  graph.input('attention_mask', 'int64', ['batch', 'length'])
  graph.input(over.extraInput ?? 'token_type_ids', 'int64', ['batch', 'length'])
  const table = graph.initializer('table', 'float32', [BYTE_VOCABULARY, WIDTH], () =>
    Float32Array.from({length: BYTE_VOCABULARY * WIDTH}, (_, at) =>
      state(Math.floor(at / WIDTH), at % WIDTH),
    ),
  )
  const output = over.output ?? 'last_hidden_state'
  graph.node('Gather', [table, ids], {outputs: [output]})
  graph.output(output, 'float32', ['batch', 'length', WIDTH])
  await writeFile(join(folder, 'model.onnx'), graph.toModel())
  await writeFile(join(folder, 'config.json'), JSON.stringify({max_position_embeddings: 64}))
  for (const [name, value] of byteTokenizerFiles(64, 'right')) {
    const file = value as Record<string, unknown> // a JSON object
    const truncation = over.truncation === undefined ? null : {max_length: over.truncation}
    const written = name === 'tokenizer.json' ? {...file, truncation} : file
    await writeFile(join(folder, name), JSON.stringify(written))
  }
  return folder
}

/** Mean of the states of these ids, scaled to norm 1. */
function expected(ids: readonly number[]): number[] {
  const means = Array.from({length: WIDTH}, (_, column) =>
    ids.reduce((sum, id) => sum + state(id, column) / ids.length, 0),
  )
  const norm = Math.hypot(...means)
  return means.map((value) => value / norm)
}

const bytesOf = (text: string): number[] => [1, ...Buffer.from(text).map((byte) => byte + 3)]

describe('an embedding checkpoint in its thread', () => {
  it('gives the mean of the last hidden states with norm 1, padding left out', async () => {
    const embedding = await openEmbedding({folder: await checkpoint(), threads: 1})
    try {
      const texts = ['a', 'a longer text', 'text']
      const vectors = await embedding.embed(texts)
      for (const [at, text] of texts.entries())
        for (const [column, value] of expected(bytesOf(text)).entries())
          expect(vectors[at]![column]).toBeCloseTo(value, 6)
      expect(embedding.facts).toMatchObject({dtype: 'fp32', maxTokens: 64})
    } finally {
      await embedding.close()
    }
  })

  it('cuts a text to the length that the tokenizer’s file names, and keeps its last token', async () => {
    const embedding = await openEmbedding({folder: await checkpoint({truncation: 4}), threads: 1})
    try {
      const [vector] = await embedding.embed(['abcdef'])
      const [begin, a, b] = bytesOf('ab')
      const kept = [begin!, a!, b!, bytesOf('f')[1]!]
      for (const [column, value] of expected(kept).entries()) expect(vector![column]).toBeCloseTo(value, 6)
    } finally {
      await embedding.close()
    }
  })

  it('refuses a graph of another kind by the name of its output or input', async () => {
    await expect(openEmbedding({folder: await checkpoint({output: 'logits'}), threads: 1})).rejects.toThrow(
      'it does not give "last_hidden_state"',
    )
    await expect(
      openEmbedding({folder: await checkpoint({extraInput: 'pixel_values'}), threads: 1}),
    ).rejects.toThrow('it takes "pixel_values"')
  })
})
