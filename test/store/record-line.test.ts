import {expect, it} from 'vitest'
import {parseRecord, parseScores, recordLine} from '../../src/store/record-line.ts'
import {failed, scored} from './sample-runs.ts'

/** A prompt that looks like the keys behind it. */
const TRAP = 'a","promptIds":[1],"newIds":[2],"text":"t","answer":"no", \\",\\"promptIds\\":['

it('reads scores as the whole record has them, whatever stands in the prompt', () => {
  for (const count of [0, 1, 3])
    for (const prompt of ['', 'plain', TRAP, '\u2028 \u{1F600} \n "']) {
      const record = {
        ...scored('first', 3),
        prompt,
        newIds: [5, 6, 7].slice(0, count),
        text: TRAP,
        answer: TRAP,
        references: [TRAP],
      }
      const line = recordLine(record).trimEnd()
      const {
        prompt: _,
        promptIds: __,
        text: ___,
        truncatedTokens: ____,
        newIds,
        ...expected
      } = parseRecord(line, 'f', 1) as typeof record
      expect(parseScores(line, 'f', 1)).toEqual({...expected, newTokens: newIds.length})
    }
})

it('reads failed records whole', () => {
  const line = recordLine(failed('first', 2)).trimEnd()
  expect(parseScores(line, 'f', 1)).toEqual(failed('first', 2))
})

it('reads records whose keys stand in another order', () => {
  const {timing, scores, ...rest} = scored('first', 1)
  expect(parseScores(JSON.stringify({scores, timing, ...rest}), 'f', 1)).toMatchObject({
    newTokens: 2,
    scores,
    id: 'first-1',
  })
})

it('names the place of a line that is no record', () => {
  const line = recordLine(scored('first', 3)).trimEnd()
  expect(() => parseScores(line.slice(0, -9), 'run/samples.jsonl', 7)).toThrow(
    'run/samples.jsonl:7: is not JSON',
  )
  expect(() => parseScores(line.replace('"rougeL":1', '"rougeL":1e999'), 'f', 7)).toThrow(
    /f:7: is not a sample record: scores\.rougeL/,
  )
})
