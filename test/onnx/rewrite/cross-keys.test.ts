import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {type Graph, readModel} from '../../../src/onnx/read/model.ts'
import {elementCount} from '../../../src/onnx/read/tensor.ts'
import {crossKeysGraph} from '../../../src/onnx/rewrite/cross-keys.ts'
import {fixtureFolder} from '../../engine/checkpoint-fixture.ts'

const bytesOf = (name: string, file: string): Uint8Array => readFileSync(join(fixtureFolder(name), file))

/** Weights that are worth a word, by their names. */
function weightsOf({initializers}: Graph): string[] {
  return initializers.filter(({dims}) => elementCount(dims) > 256).map(({name}) => name)
}

describe('the graph of the encoder’s keys and values', () => {
  const keys = crossKeysGraph(bytesOf('t5-relu', 'decoder_model.onnx'), 'encoder_hidden_states')
  const graph = keys.kind === 'rewritten' ? readModel(keys.model).graph : undefined

  it('reads the encoder’s output alone, though exporters count its rows on the decoder’s own states', () => {
    expect(graph!.inputs.map(({name}) => name)).toEqual(['encoder_hidden_states'])
    expect(graph!.outputs.map(({name}) => name).sort()).toEqual([
      'present.0.encoder.key',
      'present.0.encoder.value',
      'present.1.encoder.key',
      'present.1.encoder.value',
    ])
  })

  it('holds no weight of the step', () => {
    const step = weightsOf(readModel(bytesOf('t5-relu', 'decoder_with_past_model.onnx')).graph)
    const own = weightsOf(graph!)
    expect(own).toHaveLength(4)
    expect(own.filter((weight) => step.includes(weight))).toEqual([])
  })

  it('is not made where the decoder’s own input is needed for them', () => {
    expect(crossKeysGraph(bytesOf('t5-relu', 'decoder_model.onnx'), 'input_ids')).toEqual({
      kind: 'unchanged',
      why: "the encoder's keys and values depend on encoder_hidden_states too",
    })
  })

  it('is not made of a decoder that has none', () => {
    expect(crossKeysGraph(bytesOf('gpt2', 'model.onnx'), 'encoder_hidden_states')).toEqual({
      kind: 'unchanged',
      why: "the first graph does not give the encoder's keys and values",
    })
  })
})
