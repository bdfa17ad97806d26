import {describe, expect, it} from 'vitest'
import type {CheckpointConfig} from '../../src/engine/checkpoint-config.ts'
import {graphPaths, sortGraphs} from '../../src/engine/checkpoint-files.ts'
import {chooseDtype} from '../../src/engine/choose-dtype.ts'
import {refusePointer} from '../../src/engine/refuse-pointer.ts'
import {runtimeMessage} from '../../src/engine/runtime-message.ts'
import {specialTokens} from '../../src/engine/special-tokens.ts'

const NOTHING: CheckpointConfig = {model: undefined, generation: undefined, genai: undefined}

describe('sortGraphs', () => {
  it('prefers the merged decoder over the split ones', () => {
    const files = sortGraphs('m', [
      'encoder_model.onnx',
      'decoder_model.onnx',
      'decoder_with_past_model.onnx',
      'decoder_model_merged.onnx',
    ])
    expect(files.byDtype.get('fp32')).toEqual({
      kind: 'encoder-merged',
      encoder: 'm/encoder_model.onnx',
      decoder: 'm/decoder_model_merged.onnx',
    })
  })

  it('reads the suffixes of transformers.js, under onnx/ too', () => {
    const suffixes = ['', '_fp16', '_quantized', '_q4', '_q4f16', '_int8', '_uint8', '_bnb4']
    const files = sortGraphs(
      'm',
      suffixes.map((suffix) => `onnx/model${suffix}.onnx`),
    )
    expect([...files.byDtype.keys()]).toEqual(['fp32', 'fp16', 'q8', 'q4', 'q4f16', 'int8', 'uint8', 'bnb4'])
    expect(graphPaths(files.byDtype.get('q4f16')!)).toEqual(['m/onnx/model_q4f16.onnx'])
  })

  it('takes the root before onnx/, whatever the order', () => {
    const files = sortGraphs('m', ['onnx/model.onnx', 'model.onnx'])
    expect(graphPaths(files.byDtype.get('fp32')!)).toEqual(['m/model.onnx'])
  })

  it('opens a decoder-only export in two graphs', () => {
    const files = sortGraphs('m', ['decoder_model.onnx', 'decoder_with_past_model.onnx'])
    expect(files.byDtype.get('fp32')?.kind).toBe('decoder-split')
  })

  it('names the part that a dtype lacks', () => {
    const files = sortGraphs('m', [
      'encoder_model.onnx',
      'decoder_model_merged.onnx',
      'encoder_model_q4.onnx',
    ])
    expect([...files.byDtype.keys()]).toEqual(['fp32'])
    expect(files.incomplete.get('q4')).toBe('decoder_model_merged (or decoder_model)')
  })

  it('refuses a folder without graphs', () => {
    expect(() => sortGraphs('m', ['config.json', 'deep/onnx/model.onnx'])).toThrow(/no model\.onnx/)
  })
})

describe('chooseDtype', () => {
  const both = sortGraphs('m', ['model_fp16.onnx', 'model_q4.onnx'])

  it('takes fp32 where nobody asks', () => {
    expect(chooseDtype('m', sortGraphs('m', ['model.onnx', 'model_q4.onnx']), NOTHING, undefined)).toBe(
      'fp32',
    )
  })

  it('takes what config.json names as its default', () => {
    const config = {...NOTHING, model: {'transformers.js_config': {dtype: 'q4'}}}
    expect(chooseDtype('m', both, config, undefined)).toBe('q4')
  })

  it('takes the only one there is, and does not choose between several', () => {
    expect(chooseDtype('m', sortGraphs('m', ['model_fp16.onnx']), NOTHING, undefined)).toBe('fp16')
    expect(() => chooseDtype('m', both, NOTHING, undefined)).toThrow(/several others: fp16, q4/)
  })

  it('refuses one that is not there', () => {
    expect(() => chooseDtype('m', both, NOTHING, 'q8')).toThrow('m: no q8 files')
    const half = sortGraphs('m', ['encoder_model.onnx', 'decoder_model_merged.onnx', 'encoder_model_q4.onnx'])
    expect(() => chooseDtype('m', half, NOTHING, 'q4')).toThrow(
      /decoder_model_merged \(or decoder_model\) is missing/,
    )
  })
})

describe('specialTokens', () => {
  it('asks generation_config.json before config.json', () => {
    const config = {
      ...NOTHING,
      generation: {eos_token_id: [7, 8], pad_token_id: 0},
      model: {eos_token_id: 1, decoder_start_token_id: 3, bos_token_id: 2},
    }
    expect(specialTokens('m', config, 'enc-dec')).toEqual({decoderStart: 3, begin: 2, end: [7, 8], pad: 0})
    expect(specialTokens('m', config, 'dec-only').decoderStart).toBeUndefined()
  })

  it('takes -1 as no padding token', () => {
    const config = {...NOTHING, model: {eos_token_id: 1, pad_token_id: -1}}
    expect(specialTokens('m', config, 'dec-only').pad).toBeUndefined()
  })

  it('does not make up an end or a start', () => {
    expect(() => specialTokens('m', {...NOTHING, model: {eos_token_id: []}}, 'dec-only')).toThrow(
      /eos_token_id/,
    )
    expect(() => specialTokens('m', {...NOTHING, model: {eos_token_id: 1}}, 'enc-dec')).toThrow(
      /decoder_start_token_id/,
    )
  })
})

describe('runtimeMessage', () => {
  it("keeps what happened and drops ONNX Runtime's own source paths", () => {
    const cause = new Error(
      'Exception during initialization: /onnxruntime_src/core/optimizer/frame.cc:74 onnxruntime::Frame::Info(const std::vector<int>&) [ONNXRuntimeError] : 1 : FAIL : tensorprotoutils.cc:1763 GetExtData External initializer: w is out of bounds.\n',
    )
    expect(runtimeMessage(cause)).toBe('External initializer: w is out of bounds.')
  })

  it('leaves a plain message as it is, in one line', () => {
    expect(runtimeMessage(new Error('Got invalid dimensions\n index: 1 Got: 4'))).toBe(
      'Got invalid dimensions index: 1 Got: 4',
    )
    expect(runtimeMessage('text')).toBe('text')
  })
})

describe('refusePointer', () => {
  it('tells a pointer from a graph that mentions one', () => {
    const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n')
    expect(() => refusePointer('m.onnx', pointer)).toThrow('m.onnx is a Git LFS pointer')
    expect(() => refusePointer('m.onnx', Buffer.concat([Buffer.of(8), pointer]))).not.toThrow()
    expect(() => refusePointer('m.onnx', new Uint8Array(0))).not.toThrow()
  })
})
