import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {loadJudgePrompts} from '../../src/judge/judge-prompt-files.ts'
import {
  correctnessScore,
  statementScore,
  verdictsQuestion,
} from '../../src/judge/methods/answer-correctness.ts'
import {pairScore} from '../../src/judge/methods/pairwise.ts'
import {ratingScore} from '../../src/judge/methods/rubric.ts'
import {sentencesOf} from '../../src/judge/sentences.ts'
import {cosine} from '../../src/judge/similarity-of.ts'

const verdicts = (supported: readonly boolean[]) =>
  supported.map((value, at) => ({index: at + 1, reason: 'so', supported: value}))
const list = (yes: number, no: number) =>
  verdicts([...new Array<boolean>(yes).fill(true), ...new Array<boolean>(no).fill(false)])

describe('the score of statements', () => {
  it('is F1 of true positives in the answer and false negatives in the reference', () => {
    // Two of three statements supported, one of the reference's four missing: p = 2/3, r = 2/3.
    expect(statementScore({answer: list(2, 1), reference: list(3, 1)})).toEqual({
      truePositives: 2,
      falsePositives: 1,
      falseNegatives: 1,
      f1: 2 / 3,
    })
  })

  it('is 0 when no statement of the answer is supported, and 0 for an answer without statements', () => {
    expect(statementScore({answer: list(0, 3), reference: list(2, 0)}).f1).toBe(0)
    expect(statementScore({answer: [], reference: list(0, 2)}).f1).toBe(0)
  })

  it('is Ragas’ formula tp / (tp + (fp + fn) / 2) wherever something is supported', () => {
    const few = fc.integer({min: 0, max: 9})
    fc.assert(
      fc.property(fc.integer({min: 1, max: 9}), few, few, few, (tp, fp, fn, found) => {
        const {f1} = statementScore({answer: list(tp, fp), reference: list(found, fn)})
        expect(f1).toBeCloseTo(tp / (tp + (fp + fn) / 2), 12)
      }),
    )
  })

  it('counts three quarters beside the cosine, and all without one', () => {
    expect(correctnessScore(0.5, 0.8)).toBeCloseTo(0.575, 12)
    expect(correctnessScore(0.5, undefined)).toBe(0.5)
    expect(correctnessScore(0, -0.3)).toBe(0)
    expect(correctnessScore(1, 1.0000001)).toBe(1)
  })
})

describe('a list of verdicts', async () => {
  const prompts = await loadJudgePrompts('squad')
  const {schema} = verdictsQuestion(prompts, 'Who?', ['a', 'b'], ['c'])
  const reply = (answer: unknown, reference: unknown = verdicts([true])) =>
    schema.safeParse({answer, reference}).success

  it('covers each statement once', () => {
    expect(reply(verdicts([true, false]))).toBe(true)
  })

  it.each([
    ['drops a statement', verdicts([true])],
    ['invents a statement', verdicts([true, false, true])],
    ['names one twice', [...verdicts([true]), ...verdicts([false])]],
    ['names one that is not there', [{index: 3, reason: '', supported: true}, ...verdicts([true])]],
    [
      'says maybe',
      [
        {index: 1, reason: '', supported: 'maybe'},
        {index: 2, reason: '', supported: true},
      ],
    ],
  ])('is of no use when it %s', (_, answer) => {
    expect(reply(answer)).toBe(false)
  })
})

describe('other scores', () => {
  it('map ratings of 1 to 5 onto 0..1', () => {
    expect([1, 2, 3, 4, 5].map(ratingScore)).toEqual([0, 0.25, 0.5, 0.75, 1])
  })

  it('take a choice that changes with the order for a tie', () => {
    expect(pairScore('A', 'B')).toMatchObject({score: 1, detail: {isConsistent: true}})
    expect(pairScore('B', 'A')).toMatchObject({score: 0, detail: {isConsistent: true}})
    expect(pairScore('A', 'A')).toMatchObject({score: 0.5, detail: {isConsistent: false}})
    expect(pairScore('tie', 'tie')).toMatchObject({score: 0.5, detail: {isConsistent: true}})
    expect(pairScore('tie', 'B')).toMatchObject({score: 0.5, detail: {isConsistent: false}})
  })

  it('are the cosine of the angle, whatever the lengths', () => {
    expect(cosine(Float32Array.of(3, 0), Float32Array.of(0.5, 0))).toBeCloseTo(1, 12)
    expect(cosine(Float32Array.of(1, 0), Float32Array.of(0, 2))).toBe(0)
    expect(cosine(Float32Array.of(0, 0), Float32Array.of(0, 2))).toBeNaN()
  })
})

describe('splitting by rule', () => {
  it('cuts at sentence ends and line breaks, and gives no empty piece', () => {
    expect(sentencesOf('One. Two!\n\nThree?  ', 'sentence')).toEqual(['One.', 'Two!', 'Three?'])
    expect(sentencesOf('int a;\n\nint b = 1.5;', 'line')).toEqual(['int a;', 'int b = 1.5;'])
    expect(sentencesOf('  \n ', 'sentence')).toEqual([])
  })
})
