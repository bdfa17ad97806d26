import type {InferenceSession} from 'onnxruntime-node'
import {describe, expect, it} from 'vitest'
import {encoderSignature} from '../../src/engine/encoder-signature.ts'
import {cacheOutputs, decoderSignature} from '../../src/engine/graph-signature.ts'
import {SlmError} from '../../src/errors.ts'

type Value = readonly [
  name: string,
  type: 'float32' | 'float16' | 'int64' | 'int32' | 'bool',
  shape: readonly (number | string)[],
]
type Metadata = Pick<InferenceSession, 'inputMetadata' | 'outputMetadata'>

const SIZES = {heads: undefined, headSize: undefined}
const IDS: Value = ['input_ids', 'int64', ['batch_size', 'sequence_length']]
const LOGITS: Value = ['logits', 'float32', ['batch_size', 'sequence_length', 100]]
const PAST = ['batch_size', 2, 'past_sequence_length', 8]
const PRESENT = ['batch_size', 2, 'past_sequence_length + 1', 8]

function metadata(values: readonly Value[]): InferenceSession.ValueMetadata[] {
  return values.map(([name, type, shape]) => ({name, isTensor: true as const, type, shape: [...shape]}))
}

function graph(inputs: readonly Value[], outputs: readonly Value[]): Metadata {
  return {inputMetadata: metadata(inputs), outputMetadata: metadata(outputs)}
}

function errorOf(run: () => unknown): SlmError {
  try {
    run()
  } catch (error) {
    if (error instanceof SlmError) return error
  }
  throw new Error('no SlmError')
}

const read = (session: Metadata, sizes: Parameters<typeof decoderSignature>[3] = SIZES) =>
  decoderSignature('m.onnx', session, 'kept', sizes)

describe('decoderSignature', () => {
  it('reads a decoder-only graph in whatever order its inputs come', () => {
    const session = graph(
      [
        ['past_key_values.0.value', 'float32', PAST],
        ['attention_mask', 'int64', ['batch_size', 'total']],
        IDS,
        ['past_key_values.0.key', 'float32', PAST],
        ['position_ids', 'int64', ['batch_size', 'sequence_length']],
        ['kept', 'int64', ['batch_size', 1, 1]],
      ],
      [LOGITS, ['present.0.key', 'float32', PRESENT], ['present.0.value', 'float32', PRESENT]],
    )
    const signature = read(session)
    expect(signature).toMatchObject({
      ids: 'input_ids',
      attentionMask: 'attention_mask',
      positionIds: 'position_ids',
      lastPositions: 'kept',
      encoderMask: undefined,
      hiddenStates: undefined,
      useCacheBranch: undefined,
      cachePosition: undefined,
      integer: 'int64',
      logits: 'logits',
    })
    expect(signature.cache.map(({past, present, scope}) => [past, present, scope])).toEqual([
      ['past_key_values.0.value', 'present.0.value', 'self'],
      ['past_key_values.0.key', 'present.0.key', 'self'],
    ])
  })

  it("tells the decoder's own keys from the encoder's, which a step need not give back", () => {
    const session = graph(
      [
        IDS,
        ['encoder_attention_mask', 'int64', ['batch_size', 'encoder_sequence_length']],
        ['past_key_values.0.decoder.key', 'float16', PAST],
        ['past_key_values.0.encoder.key', 'float16', ['batch_size', 2, 'encoder_sequence_length', 8]],
      ],
      [LOGITS, ['present.0.decoder.key', 'float16', PRESENT]],
    )
    expect(read(session).cache).toMatchObject([
      {scope: 'self', present: 'present.0.decoder.key', type: 'float16'},
      {scope: 'cross', present: 'present.0.encoder.key', type: 'float16'},
    ])
  })

  it('reads a layer that keeps keys and values in one tensor', () => {
    const shape = ['batch_size', 'past_sequence_length', 24]
    const session = graph(
      [IDS, ['past_key_values.0.key_value', 'float32', shape]],
      [LOGITS, ['present.0.key_value', 'float32', shape]],
    )
    expect(read(session).cache).toEqual([
      {
        past: 'past_key_values.0.key_value',
        present: 'present.0.key_value',
        scope: 'self',
        type: 'float32',
        layout: {axes: ['rows', 'length', 24], rowFactor: 1},
      },
    ])
  })

  it('names the input that it does not know', () => {
    const error = errorOf(() => read(graph([IDS, ['pixel_values', 'float32', [1]]], [LOGITS])))
    expect(error.code).toBe('graph-not-supported')
    expect(error.message).toContain('"pixel_values"')
    expect(error.hint).toContain('position_ids')
  })

  it.each([
    ['input "input_ids"', graph([['attention_mask', 'int64', [1, 1]]], [LOGITS])],
    ['output "logits"', graph([IDS], [['last_hidden_state', 'float32', [1, 1, 8]]])],
    ['no matching present output', graph([IDS, ['past_key_values.0.key', 'float32', PAST]], [LOGITS])],
    [
      'float32 and float16',
      graph([IDS, ['past_key_values.0.key', 'int64', PAST]], [LOGITS, ['present.0.key', 'int64', PRESENT]]),
    ],
    [
      'batch_size, heads, past, size',
      graph(
        [IDS, ['past_key_values.0.key', 'float32', ['batch_size', 'heads', 'past', 'size']]],
        [LOGITS, ['present.0.key', 'float32', ['batch_size', 'heads', 'total', 'size']]],
      ),
    ],
  ])('refuses a graph with the words: %s', (words, session) => {
    const error = errorOf(() => read(session))
    expect(error.code).toBe('graph-not-supported')
    expect(error.message).toContain(words)
  })

  it("takes sizes that the graph only names from the configuration's", () => {
    const shape = ['batch_size', 'heads', 'past_sequence_length', 'size']
    const session = graph(
      [IDS, ['past_key_values.0.key', 'float32', shape]],
      [LOGITS, ['present.0.key', 'float32', shape]],
    )
    expect(read(session, {heads: 3, headSize: 5}).cache[0]?.layout.axes).toEqual(['rows', 3, 'length', 5])
  })
})

describe('cacheOutputs', () => {
  it('names the present that the first graph does not give', () => {
    const next = read(
      graph(
        [IDS, ['past_key_values.3.key', 'float32', PAST]],
        [LOGITS, ['present.3.key', 'float32', PRESENT]],
      ),
    )
    expect(() =>
      cacheOutputs('first.onnx', {outputNames: ['logits', 'present.3.key']}, next.cache),
    ).not.toThrow()
    const error = errorOf(() => cacheOutputs('first.onnx', {outputNames: ['logits']}, next.cache))
    expect(error.message).toContain('first.onnx: the graph does not give "present.3.key"')
  })
})

describe('encoderSignature', () => {
  const STATES: Value = ['last_hidden_state', 'float32', ['batch_size', 'length', 8]]

  it('finds the hidden states by their name, else takes the first output', () => {
    const other: Value = ['attentions', 'float32', [1]]
    expect(encoderSignature('e.onnx', graph([IDS], [other, STATES])).states).toBe('last_hidden_state')
    expect(encoderSignature('e.onnx', graph([IDS], [['states', 'float16', [1, 1, 8]]]))).toMatchObject({
      states: 'states',
      type: 'float16',
      attentionMask: undefined,
    })
  })

  it('knows token types and names any other input', () => {
    const types: Value = ['token_type_ids', 'int64', ['batch_size', 'length']]
    expect(encoderSignature('e.onnx', graph([IDS, types], [STATES])).tokenTypeIds).toBe('token_type_ids')
    const error = errorOf(() =>
      encoderSignature('e.onnx', graph([IDS, ['global_attention_mask', 'int64', [1, 1]]], [STATES])),
    )
    expect(error.message).toContain('"global_attention_mask"')
  })

  it.each([
    ['no such input', graph([], [STATES])],
    ['no output', graph([IDS], [])],
  ])('refuses an encoder with %s', (words, session) => {
    expect(errorOf(() => encoderSignature('e.onnx', session)).message).toContain(words)
  })
})
