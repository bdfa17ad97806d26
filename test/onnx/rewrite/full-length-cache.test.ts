import {cp, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {openModel} from '../../../src/engine/open-model.ts'
import {bytesOf, readFields, textOf} from '../../../src/onnx/protobuf.ts'
import {graphFacts} from '../../../src/onnx/read/graph-facts.ts'
import {readModel} from '../../../src/onnx/read/model.ts'
import {withFullLengthCache} from '../../../src/onnx/rewrite/full-length-cache.ts'
import {rewriteMessage} from '../../../src/onnx/rewrite/rewrite-message.ts'
import {ATTRIBUTE, ATTRIBUTE_TYPE, GRAPH, MODEL, NODE} from '../../../src/onnx/schema.ts'
import {MessageWriter} from '../../../src/onnx/write/message-writer.ts'
import {decodePrompts, fixtureFolder, readExpected} from '../../engine/checkpoint-fixture.ts'

const FIXTURE = fixtureFolder('llama-genai')

function attribute(name: string, value: number): MessageWriter {
  return new MessageWriter()
    .text(ATTRIBUTE.name, name)
    .integer(ATTRIBUTE.integer, value)
    .integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.integer)
}

function isNamed(message: Uint8Array, field: number, name: string): boolean {
  return [...readFields(message)].some((each) => each.number === field && textOf(message, each) === name)
}

/** The graph as GenAI's builder writes the layers of Gemma 2 that see a window, here one longer than any text. */
function withWindowCache(model: Uint8Array, window: number): Uint8Array {
  const inNode = (node: Uint8Array): MessageWriter =>
    rewriteMessage(node, (field) =>
      field.number === NODE.attribute && isNamed(bytesOf(node, field), ATTRIBUTE.name, 'local_window_size')
        ? 'drop'
        : undefined,
    )
      .message(NODE.attribute, attribute('local_window_size', window))
      .message(NODE.attribute, attribute('sliding_window_cache', 1))
  return rewriteMessage(model, (field, graph) =>
    field.number === MODEL.graph
      ? rewriteMessage(graph(), (inner, node) =>
          inner.number === GRAPH.node && isNamed(node(), NODE.opType, 'GroupQueryAttention')
            ? inNode(node())
            : undefined,
        )
      : undefined,
  ).toBytes()
}

describe('withFullLengthCache', () => {
  it('gives back the same array where no layer has a window-sized cache', async () => {
    const bytes = await readFile(join(FIXTURE, 'model.onnx'))
    expect(withFullLengthCache(bytes)).toBe(bytes)
  })

  it('drops the attribute and keeps the window and everything else', async () => {
    const bytes = withWindowCache(await readFile(join(FIXTURE, 'model.onnx')), 16)
    const rewritten = withFullLengthCache(bytes)
    expect(Buffer.from(rewritten).includes('sliding_window_cache')).toBe(false)
    expect(Buffer.from(rewritten).includes('local_window_size')).toBe(true)
    expect(graphFacts(readModel(rewritten)).operators).toEqual(graphFacts(readModel(bytes)).operators)
  })

  it('lets the engine open such a graph, with the numbers of the whole cache', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slm-window-'))
    try {
      await cp(FIXTURE, folder, {recursive: true})
      const file = join(folder, 'model.onnx')
      await writeFile(file, withWindowCache(await readFile(file), 1000))
      const model = await openModel({folder, name: 'm', threads: 1})
      expect(model.facts.notes).toContain('window-sized caches opened at full length; the window holds')
      const {prompts, cases} = readExpected('llama-genai')
      const rows = await decodePrompts(
        folder,
        model,
        prompts.map(({ids}) => ids),
        {batchSize: 10},
      )
      expect(rows.map((row) => row.newIds)).toEqual(cases!.map(({greedy}) => greedy))
      await model.close()
    } finally {
      await rm(folder, {recursive: true})
    }
  })
})
