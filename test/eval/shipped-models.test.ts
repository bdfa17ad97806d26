import {describe, expect, it} from 'vitest'
import {shippedModels} from '../../src/eval/evaluate-models.ts'

describe('the shipped models of a comparison', () => {
  it('are those that learned all of its tasks, and none that learned less', async () => {
    expect(await shippedModels(['enc-dec'], ['codex'])).toContain('codex-enc-dec')
    expect(await shippedModels(['enc-dec'], ['codex', 'squad-mini'])).not.toContain('codex-enc-dec')
  })

  it('are the untrained ones where none learned them', async () => {
    const tasks = ['codex-mini', 'squad']
    expect(await shippedModels(['dec-only', 'enc-dec'], tasks)).toEqual(['demo-dec-only', 'demo-enc-dec'])
  })
})
