import {describe, expect, it} from 'vitest'
import {planRun} from '../../src/eval/plan-run.ts'
import {planDigest} from '../../src/store/manifest.ts'
import {configFor, echoCheckpoint, taskFolder} from './fake-checkpoint.ts'

const INEXACT = {batching: {kind: 'inexact', why: 'rounded'}} as const

async function digest(
  prefixCache: boolean | undefined,
  facts: Parameters<typeof echoCheckpoint>[0],
): Promise<string> {
  const config = configFor(await taskFolder([]), prefixCache === undefined ? {} : {prefixCache})
  return planDigest(planRun(config, await echoCheckpoint(facts), []))
}

describe('the plan of a run', () => {
  it('holds whether prefixes were shared where that can change an answer', async () => {
    expect(await digest(true, INEXACT)).not.toBe(await digest(undefined, INEXACT))
    expect(await digest(false, INEXACT)).toBe(await digest(undefined, INEXACT))
  })

  it('does not where it cannot', async () => {
    expect(await digest(true, {})).toBe(await digest(undefined, {}))
  })
})
