import {linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {cp, mkdir, readdir} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {afterAll, describe, expect, it} from 'vitest'
import {openModel} from '../../../src/engine/open-model.ts'
import {allGraphs, type Graph, readModel} from '../../../src/onnx/read/model.ts'
import type {Tensor} from '../../../src/onnx/read/tensor.ts'
import {graphWithWeightsInFile} from '../../../src/onnx/read/weights-in-file.ts'
import {ATTRIBUTE, DATA_TYPE, GRAPH, MODEL, NODE, TENSOR} from '../../../src/onnx/schema.ts'
import {MessageWriter} from '../../../src/onnx/write/message-writer.ts'
import {decodePrompts, fixtureFolder, readExpected} from '../../engine/checkpoint-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'slm-weights-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

const T5 = fixtureFolder('t5-relu')
const DECODER = join(T5, 'decoder_model.onnx')

const weightsOf = (graph: Graph): Tensor[] => [...allGraphs(graph)].flatMap(({initializers}) => initializers)

/** The weights of a graph that lie in its own file, at the places that it names. */
function found(file: string, weights: readonly Tensor[]): Tensor[] {
  const bytes = readFileSync(file)
  return weights.map((weight) => {
    const {data} = weight
    if (data.kind !== 'external') return weight
    expect(data.location).toBe(basename(file))
    return {...weight, data: {kind: 'raw', bytes: bytes.subarray(data.offset, data.offset + data.length!)}}
  })
}

describe('a graph whose weights stay in its file', () => {
  it.each(['decoder_model.onnx', 'decoder_with_past_model.onnx', 'encoder_model.onnx'])(
    'is the same graph, and names where in the file each large weight lies: %s',
    (name) => {
      const file = join(T5, name)
      const whole = readModel(readFileSync(file))
      const mapped = graphWithWeightsInFile(file)
      const without = readModel(mapped!.bytes)
      expect(without.graph.nodes).toEqual(whole.graph.nodes)
      expect(without.graph.inputs).toEqual(whole.graph.inputs)
      expect(without.graph.outputs).toEqual(whole.graph.outputs)
      expect(without.opsets).toEqual(whole.opsets)
      const weights = weightsOf(without.graph)
      expect(weights.filter(({data}) => data.kind === 'external').length).toBeGreaterThan(5)
      expect(found(file, weights)).toEqual(weightsOf(whole.graph))
      expect(mapped!.bytes.length).toBeLessThan(0.5 * readFileSync(file).length)
    },
  )

  it('reaches into the branches of an If, and leaves small constants in the graph', () => {
    const tensor = (name: string, bytes: number): MessageWriter =>
      new MessageWriter()
        .integer(TENSOR.dims, bytes)
        .integer(TENSOR.dataType, DATA_TYPE.uint8)
        .text(TENSOR.name, name)
        .bytes(
          TENSOR.rawData,
          Uint8Array.from({length: bytes}, (_, at) => at % 251),
        )
    const branch = new MessageWriter()
      .message(GRAPH.initializer, tensor('large', 5000))
      .message(GRAPH.initializer, tensor('small', 64))
    const attribute = new MessageWriter().text(ATTRIBUTE.name, 'then_branch').message(ATTRIBUTE.graph, branch)
    const node = new MessageWriter().text(NODE.opType, 'If').message(NODE.attribute, attribute)
    const graph = new MessageWriter().message(GRAPH.node, node)
    const bytes = new MessageWriter().message(MODEL.graph, graph).toBytes()
    const file = written('branches.onnx', bytes)
    const weights = weightsOf(readModel(graphWithWeightsInFile(file)!.bytes).graph)
    expect(weights.map(({name, data}) => [name, data.kind])).toEqual([
      ['large', 'external'],
      ['small', 'raw'],
    ])
    expect(found(file, weights)).toEqual(weightsOf(readModel(bytes).graph))
  })

  it.each([
    ['has them in another file already', () => join(fixtureFolder('qwen2-external-data'), 'model.onnx')],
    ['is cut', () => written('cut.onnx', readFileSync(DECODER).subarray(0, 30_000))],
    [
      'is no graph',
      () => written('pointer.onnx', Buffer.from('version https://git-lfs.github.com/spec/v1\n')),
    ],
    ['is empty', () => written('empty.onnx', Buffer.alloc(0))],
    ['is not there', () => join(folder, 'absent.onnx')],
    ['has another hard link, from which ONNX Runtime takes no weights', hardLinked],
  ])('is not made of a file that %s', (_, file) => {
    expect(graphWithWeightsInFile(file())).toBeUndefined()
  })

  function written(name: string, bytes: Uint8Array): string {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }

  function hardLinked(): string {
    const file = written('linked.onnx', readFileSync(DECODER))
    linkSync(file, join(folder, 'linked-again.onnx'))
    return file
  }
})

describe('a checkpoint', () => {
  it.each(['links', 'hard links'])('opens from a folder of %s, as caches of downloads are', async (kind) => {
    const store = join(folder, `${kind} store`)
    const view = join(folder, kind)
    await cp(T5, store, {recursive: true})
    await mkdir(view)
    for (const name of await readdir(store))
      if (kind === 'links') symlinkSync(join(store, name), join(view, name))
      else linkSync(join(store, name), join(view, name))
    const model = await openModel({folder: view, name: 't5', threads: 1})
    const {prompts, cases} = readExpected('t5-relu')
    const rows = await decodePrompts(
      view,
      model,
      prompts.map(({ids}) => ids),
    )
    expect(rows.map(({newIds}) => newIds)).toEqual(cases!.map(({greedy}) => greedy.slice(1)))
    await model.close()
  })
})
