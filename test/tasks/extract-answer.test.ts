import {expect, it} from 'vitest'
import {extractAnswer} from '../../src/tasks/extract-answer.ts'
import type {ExtractRule} from '../../src/tasks/extract-rule.ts'
import {loadTask} from '../../src/tasks/load-task.ts'

const by =
  (...extract: ExtractRule[]) =>
  (text: string) =>
    extractAnswer({extract}, text)

it.each<[ExtractRule, string, string]>([
  ['trim', ' \n a b\n', 'a b'],
  ['first-line', '\n\n first \nsecond', 'first'],
  ['first-line', '', ''],
  ['one-line', ' public  void\n\tf() {}\n', 'public void f() {}'],
  ['code-block', 'Here:\n```cs\nint A;\nint B;\n```\nDone.', 'int A;\nint B;'],
  ['code-block', '```\nint A;', 'int A;'],
  ['code-block', 'int A;', 'int A;'],
  ['code-block', '```', '```'],
  ['unquote', ' “France” ', 'France'],
  ['unquote', '"a', '"a'],
  [{after: 'Answer:'}, 'Answer: no. Answer: yes', ' yes'],
  [{after: 'Answer:'}, 'yes', 'yes'],
  [{before: '###'}, 'yes\n###Question', 'yes\n'],
  [{dropPrefix: ['The answer is', 'answer:']}, '  ANSWER: 12', '12'],
  [{abstain: ['no answer']}, 'No answer.', ''],
  [{abstain: ['no answer']}, 'No answer was given by France', 'No answer was given by France'],
])('%j takes %j for %j', (rule, text, answer) => {
  expect(by(rule)(text)).toBe(answer)
})

it('takes the steps in their order', () => {
  expect(by({before: '#'}, 'trim', {abstain: ['none']})(' None! # x')).toBe('')
})

it('scores an abstention on SQuAD as the empty answer, and an answer as it stands', async () => {
  const squad = await loadTask('squad')
  expect(extractAnswer(squad, 'Unanswerable.\n###Question\nx')).toBe('')
  expect(extractAnswer(squad, '10th and 11th centuries\nThe Normans')).toBe('10th and 11th centuries')
})

it('takes code out of a chat answer and puts it on one line, as the references are', async () => {
  const codex = await loadTask('codex')
  expect(extractAnswer(codex, 'Sure!\n```csharp\npublic int Size()\n{\n    return 1;\n}\n```')).toBe(
    'public int Size() { return 1; }',
  )
})

it('is linear in a hostile text', () => {
  const text = `${'"'.repeat(200_000)}${' .'.repeat(200_000)}${'`'.repeat(100_000)}`
  const rules: ExtractRule[] = [
    'trim',
    'code-block',
    'one-line',
    'unquote',
    {abstain: ['x']},
    {before: '#'},
    {after: '`'},
  ]
  expect(rules.map((rule) => by(rule)(text).length <= text.length)).toEqual(rules.map(() => true))
})
