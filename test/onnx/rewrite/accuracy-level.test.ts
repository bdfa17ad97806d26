import {describe, expect, it} from 'vitest'
import {mergedDecoderGraph} from '../../../src/onnx/network/merged-decoder.ts'
import {graphFacts} from '../../../src/onnx/read/graph-facts.ts'
import {readModel} from '../../../src/onnx/read/model.ts'
import {setAccuracyLevel} from '../../../src/onnx/rewrite/accuracy-level.ts'
import {decoderOnlyBytes, ENC_DEC, OPTIONS, precision, weightsFor} from '../small-networks.ts'

describe('setting the accuracy level', () => {
  it('reaches every MatMulNBits, those of branches included, and nothing else', () => {
    const fast = mergedDecoderGraph(ENC_DEC, weightsFor(ENC_DEC), precision('q4', 4), OPTIONS)
    const exact = setAccuracyLevel(fast, 0)
    expect(new Set(graphFacts(readModel(exact)).matMulNBitsLevels)).toEqual(new Set([0]))
    // The level stands last among the attributes that we write, so the bytes must be those of a graph written so.
    const written = mergedDecoderGraph(ENC_DEC, weightsFor(ENC_DEC), precision('q4', 0), OPTIONS)
    expect(Buffer.compare(exact, written)).toBe(0)
  })

  it('gives back the very bytes of a graph that has the level, or no such operator', () => {
    for (const bytes of [decoderOnlyBytes('q8', 0), decoderOnlyBytes('fp32')])
      expect(Buffer.compare(setAccuracyLevel(bytes, 0), bytes)).toBe(0)
  })
})
