import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {loadTask} from '../../src/tasks/load-task.ts'
import {renderPrompt} from '../../src/tasks/render-prompt.ts'
import type {Task, TaskRow} from '../../src/tasks/task.ts'
import {wordTokenizer} from './word-tokenizer.ts'

const squad = await loadTask('squad')
const row = (question: string, context: string): TaskRow => ({
  id: 'a',
  fields: {question, context},
  references: [],
})
const tokenizer = wordTokenizer()
const withSide = (side: 'left' | 'right' | 'middle' | 'error'): Task => ({
  ...squad,
  prompt: {...squad.prompt, truncate: {field: 'context', side}},
})

describe('the SQuAD prompt', () => {
  it('is the paper’s, to the letter', () => {
    const {prompt, truncatedTokens} = renderPrompt(squad, row('Where?', 'Here.'), tokenizer)
    expect(prompt).toBe(
      'Answer the following question based only on the context.\n###Question\nWhere?\n###Context\nHere.\n###Answer\n',
    )
    expect(truncatedTokens).toBe(0)
  })

  it('never expands braces that stand in the data', () => {
    const {prompt} = renderPrompt(squad, row('{context}{{', '$& {question}}}'), tokenizer)
    expect(prompt).toContain('###Question\n{context}{{\n###Context\n$& {question}}}\n###Answer\n')
  })
})

describe('truncation', () => {
  const fixed = renderPrompt(squad, row('q?', 'x'), tokenizer).promptIds.length - 1
  const words = Array.from({length: 20}, (_, place) => `w${place}`).join(' ')

  it('cuts the context alone, on the task’s side, and counts the tokens', () => {
    const cut = (side: 'left' | 'right' | 'middle') => {
      const {prompt, promptIds, truncatedTokens} = renderPrompt(withSide(side), row('q?', words), tokenizer, {
        maxTokens: fixed + 3,
      })
      expect(promptIds).toHaveLength(fixed + 3)
      expect(truncatedTokens).toBe(39 - 3)
      expect(
        prompt.startsWith(
          'Answer the following question based only on the context.\n###Question\nq?\n###Context\n',
        ),
      ).toBe(true)
      return prompt.split('###Context\n')[1]
    }
    expect(cut('right')).toBe('w0 w1\n###Answer\n')
    expect(cut('left')).toBe('w18 w19\n###Answer\n')
    expect(cut('middle')).toMatch(/^w0 w.*9\n###Answer\n$/)
  })

  it('lets a flag name another side', () => {
    const {prompt} = renderPrompt(squad, row('q?', words), tokenizer, {
      maxTokens: fixed + 3,
      truncation: 'left',
    })
    expect(prompt).toContain('\nw18 w19\n')
  })

  it('is refused where the task says so, and where the instruction alone is too long', () => {
    expect(() => renderPrompt(withSide('error'), row('q?', words), tokenizer, {maxTokens: 40})).toThrow(
      `the prompt of a has ${fixed + 39} tokens, 40 fit`,
    )
    expect(() => renderPrompt(squad, row('q?', words), tokenizer, {maxTokens: 10})).toThrow('10 fit')
  })

  it('never makes a prompt that is too long nor tears a character, whatever the text', () => {
    const characters = {
      ...tokenizer,
      encode: (text: string) => [...text].map((character) => character.codePointAt(0) ?? 0),
    }
    fc.assert(
      fc.property(
        fc.string({unit: 'grapheme', maxLength: 60}),
        fc.constantFrom('left' as const, 'right' as const, 'middle' as const),
        fc.integer({min: 0, max: 60}),
        (context, side, room) => {
          const empty = renderPrompt(squad, row('q?', ''), characters).promptIds.length
          const result = renderPrompt(withSide(side), row('q?', context), characters, {
            maxTokens: empty + room,
          })
          expect(result.promptIds).toHaveLength(empty + Math.min(room, [...context].length))
          expect(result.promptIds.some((id) => id >= 0xd800 && id <= 0xdfff)).toBe(false)
        },
      ),
    )
  })
})

describe('the chat template', () => {
  const chatty = wordTokenizer({hasChatTemplate: true})
  const task: Task = {...squad, prompt: {...squad.prompt, system: 'Be brief.', chat: 'when-available'}}

  it('is used where the task wants it and the checkpoint has it, without more special tokens', () => {
    const {prompt, promptIds} = renderPrompt(task, row('q?', 'c'), chatty)
    expect(prompt).toMatch(/^\[system\]Be brief\.\[user\]Answer [\s\S]*###Answer\n\[assistant\]$/)
    expect(promptIds[0]).not.toBe(1)
    expect(renderPrompt(task, row('q?', 'c'), wordTokenizer()).prompt).toMatch(/^Answer /)
  })

  it('is switched on and off by a flag, and its absence is said', () => {
    expect(renderPrompt(task, row('q?', 'c'), chatty, {chat: false}).promptIds[0]).toBe(1)
    expect(renderPrompt(squad, row('q?', 'c'), chatty, {chat: true}).prompt).toMatch(/^\[user\]/)
    expect(() => renderPrompt(squad, row('q?', 'c'), wordTokenizer(), {chat: true})).toThrow(
      'no chat template',
    )
  })

  it('is counted when the context is cut', () => {
    const whole = renderPrompt(task, row('q?', 'c '.repeat(50)), chatty)
    const cut = renderPrompt(task, row('q?', 'c '.repeat(50)), chatty, {
      maxTokens: whole.promptIds.length - 10,
    })
    expect(cut.truncatedTokens).toBe(10)
    expect(cut.prompt).toMatch(/###Answer\n\[assistant\]$/)
  })
})
