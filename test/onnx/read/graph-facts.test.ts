import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {SlmError} from '../../../src/errors.ts'
import {mergedDecoderGraph} from '../../../src/onnx/network/merged-decoder.ts'
import {graphFacts, readGraphFacts} from '../../../src/onnx/read/graph-facts.ts'
import {readModel} from '../../../src/onnx/read/model.ts'
import {ATTRIBUTE, GRAPH, MODEL, NODE} from '../../../src/onnx/schema.ts'
import {MessageWriter} from '../../../src/onnx/write/message-writer.ts'
import {decoderOnlyBytes, ENC_DEC, OPTIONS, precision, weightsFor} from '../small-networks.ts'

const merged = mergedDecoderGraph(ENC_DEC, weightsFor(ENC_DEC), precision('q4', 4), OPTIONS)
const facts = graphFacts(readModel(merged))

describe('what a graph says about itself', () => {
  it('names inputs and outputs with their types and dimensions', () => {
    expect(facts.inputs.find(({name}) => name === 'past_key_values.1.decoder.key')).toEqual({
      name: 'past_key_values.1.decoder.key',
      elementType: 'float32',
      dims: ['batch_size', 2, 'past_decoder_sequence_length', 8],
    })
    expect(facts.inputs.find(({name}) => name === 'use_cache_branch')).toEqual({
      name: 'use_cache_branch',
      elementType: 'bool',
      dims: [1],
    })
    expect(facts.outputs[0]).toEqual({
      name: 'logits',
      elementType: 'float32',
      dims: ['batch_size', 'decoder_sequence_length', 61],
    })
  })

  it('counts operators and accuracy levels inside branches too', () => {
    // Each layer: packed projection, output, cross query and output, up, down; keys and values in a branch; the head.
    expect(facts.operators.get('MatMulNBits')).toBe(2 * 7 + 1)
    expect(facts.matMulNBitsLevels).toEqual(Array<number>(15).fill(4))
    expect(facts.operators.get('If')).toBe(2)
  })

  it('knows operator sets and where weights lie', () => {
    expect(facts.opset).toBe(20)
    expect(facts.domains.get('com.microsoft')).toBe(1)
    expect(facts.externalFiles).toEqual([])
  })

  it('says when activations share one scale', () => {
    expect(facts.hasDynamicQuantize).toBe(false)
    expect(graphFacts(readModel(decoderOnlyBytes('int8'))).hasDynamicQuantize).toBe(true)
  })
})

describe('a file that is no graph', () => {
  it('ends in one SlmError wherever it is cut', () => {
    const cuts = fc.integer({min: 0, max: merged.length - 1})
    fc.assert(
      fc.property(cuts, (length) => isReadOrRefused(merged.subarray(0, length))),
      {numRuns: 300},
    )
  })

  it('ends in one SlmError or is read, whatever byte is damaged', () => {
    fc.assert(
      fc.property(fc.nat(merged.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Uint8Array.from(merged)
        damaged[at] = byte
        return isReadOrRefused(damaged)
      }),
      {numRuns: 300},
    )
  })

  it('ends in one SlmError where graphs nest without end', () => {
    let graph = new MessageWriter()
    for (let depth = 0; depth < 40; depth++) {
      const attribute = new MessageWriter().text(ATTRIBUTE.name, 'body').message(ATTRIBUTE.graph, graph)
      graph = new MessageWriter().message(GRAPH.node, new MessageWriter().message(NODE.attribute, attribute))
    }
    const model = new MessageWriter().message(MODEL.graph, graph).toBytes()
    expect(() => readModel(model)).toThrow('graphs nest deeper')
  })

  it('is named', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'slm-')), 'model.onnx')
    writeFileSync(path, merged.subarray(0, 1000))
    expect(() => readGraphFacts(path)).toThrow(path)
    expect(() => readGraphFacts(`${path}.not`)).toThrow('cannot be read')
  })
})

function isReadOrRefused(bytes: Uint8Array): boolean {
  try {
    graphFacts(readModel(bytes))
    return true
  } catch (error) {
    return error instanceof SlmError
  }
}
