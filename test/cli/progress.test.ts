import {expect, it} from 'vitest'
import {progressReporter} from '../../src/cli/progress.ts'
import type {EvalEvent} from '../../src/eval/events.ts'

/** A reporter on a fake clock, and what it wrote. */
function reporter(isTTY: boolean, columns = 200) {
  const clock = {ms: 0}
  const written: string[] = []
  const stream = {isTTY, columns, write: (text: string) => written.push(text)}
  const progress = progressReporter({stream, nowMs: () => clock.ms})
  const at = (ms: number, event: EvalEvent): void => {
    clock.ms = ms
    progress.onEvent(event)
  }
  const tick = (ms: number): void => {
    clock.ms = ms
    progress.tick()
  }
  return {at, tick, end: progress.end, text: () => written.join('')}
}

const sample: EvalEvent = {kind: 'sample', task: 'squad', isFailed: false}

it('writes a plain line at most every five seconds without a terminal', () => {
  const {at, end, text} = reporter(false)
  at(0, {kind: 'opening', model: 'm'})
  at(1000, {kind: 'started', folder: 'results/x', planned: 100, done: 0})
  at(1000, {kind: 'task', task: 'squad', planned: 100})
  for (let second = 2; second <= 11; second++) {
    at(second * 1000, sample)
    at(second * 1000, {kind: 'tokens', newTokens: 20})
  }
  end()
  expect(text()).toBe(
    [
      'opening m',
      'results/x: 100 samples',
      'squad 5/100, 1.00 samples/s, 16 tokens/s, 0:05 elapsed, 1:35 left',
      'squad 10/100, 1.00 samples/s, 18 tokens/s, 0:10 elapsed, 1:30 left',
      'squad 10/100, 1.00 samples/s, 20 tokens/s, 0:10 elapsed, 1:30 left',
      '',
    ].join('\n'),
  )
})

it('redraws one line on a terminal and never writes past its width', () => {
  const {at, end, text} = reporter(true, 30)
  at(0, {kind: 'started', folder: 'results/x', planned: 2, done: 0})
  at(0, {kind: 'task', task: 'squad', planned: 2})
  at(500, sample)
  at(550, sample)
  at(1000, {kind: 'tokens', newTokens: 9})
  end()
  const drawn = text().split('\r\u001b[K').slice(1)
  expect(drawn.every((line) => line.trimEnd().length < 30)).toBe(true)
  expect(text().endsWith('\n')).toBe(true)
  expect(text().match(/\n/g)).toHaveLength(2)
})

it('counts what a former start has done, but takes the rate from this one', () => {
  const {at, end, text} = reporter(false)
  at(0, {kind: 'started', folder: 'results/x', planned: 100, done: 50})
  at(0, {kind: 'task', task: 'xsum', planned: 100})
  at(10_000, sample)
  end()
  expect(text()).toContain('results/x: going on after 50 of 100 samples')
  expect(text()).toContain('xsum 51/100, 0.10 samples/s, 0 tokens/s, 0:10 elapsed, 8:10 left')
})

it('does not count a group twice that was cut off and is decoded again', () => {
  const {at, end, text} = reporter(false)
  at(0, {kind: 'started', folder: 'results/x', planned: 16, done: 13})
  at(0, {kind: 'task', task: 'xsum', planned: 16})
  for (let row = 0; row < 8; row++) at(1000, sample)
  at(1000, {kind: 'stored', done: 16, planned: 16})
  end()
  expect(text()).toContain('xsum 16/16, 8.00 samples/s')
})

it('says how many samples failed, and when the batch was made smaller', () => {
  const {at, end, text} = reporter(false)
  at(0, {kind: 'started', folder: 'results/x', planned: 5000, done: 0})
  at(0, {kind: 'task', task: 'squad', planned: 5000})
  at(500, {kind: 'batch-size', from: 8, to: 4, why: 'memory ran out'})
  at(3_600_000, {kind: 'sample', task: 'squad', isFailed: true})
  end()
  expect(text()).toContain('batch size 8 -> 4: memory ran out')
  expect(text()).toContain('squad 1/5000, 1 failed, 0.00 samples/s, 0 tokens/s, 1:00:00 elapsed')
})

it('shows the time while a long prompt is one step', () => {
  const {at, tick, text} = reporter(false)
  at(0, {kind: 'started', folder: 'results/x', planned: 5, done: 0})
  at(0, {kind: 'task', task: 'squad', planned: 5})
  at(0, {kind: 'prompts', task: 'squad', prompts: 5})
  for (const second of [1, 2, 3, 4, 5, 6]) tick(second * 1000)
  expect(text()).toBe(
    'results/x: 5 samples\nsquad 0/5, 5 prompts made, 0.00 samples/s, 0 tokens/s, 0:05 elapsed, ? left\n',
  )
})

it('counts each of several runs by itself', () => {
  const {at, end, text} = reporter(false)
  for (const [row, model] of ['a', 'b'].entries()) {
    at(row * 1000, {kind: 'opening', model})
    at(row * 1000, {kind: 'started', folder: `results/${model}`, planned: 1, done: 0})
    at(row * 1000, {kind: 'task', task: 'squad', planned: 1})
    at(row * 1000 + 1000, sample)
  }
  end()
  const line = 'squad 1/1, 1.00 samples/s, 0 tokens/s, 0:01 elapsed, 0:00 left'
  expect(text()).toBe(`opening a\nresults/a: 1 samples\n${line}\nopening b\nresults/b: 1 samples\n${line}\n`)
})
