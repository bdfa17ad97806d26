import {expect, it} from 'vitest'
import {commandLine, withCommand} from '../../src/cli/interrupt.ts'
import {SlmError} from '../../src/errors.ts'

it.each([
  [['node', '/usr/bin/slm', 'eval', '--model', 'a/b@v1'], 'slm eval --model a/b@v1'],
  [['node', '/home/me/slm/bin/run.js', 'eval', '--out', 'my run'], "node bin/run.js eval --out 'my run'"],
  [
    ['node', '/usr/bin/slm', 'eval', '--generation', '{"x":"it\'s"}'],
    `slm eval --generation '{"x":"it'\\''s"}'`,
  ],
  [['node', '/usr/bin/slm', 'eval', '--task', '', '$HOME'], "slm eval --task '' '$HOME'"],
])('writes %j as a shell takes it', (argv, text) => {
  expect(commandLine(argv, '/home/me/slm')).toBe(text)
})

it('tells the command that goes on, and leaves other errors alone', () => {
  const interrupted = new SlmError('interrupted', 'interrupted after 3 of 9 samples', {exit: 130})
  expect(withCommand(interrupted, 'slm eval')).toMatchObject({exit: 130, hint: 'go on with: slm eval'})
  const other = new Error('other')
  expect(withCommand(other, 'slm eval')).toBe(other)
})
