import {setTimeout} from 'node:timers/promises'
import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {expect, it} from 'vitest'
import {metricById} from '../../src/metrics/catalogue.ts'

// In a file of its own: the parsers must not have been opened before.
it('opens two languages at the same time in one memory, so that forgetting them is safe', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const code = 'int one ( ) { return 1 ; }'
  for (let round = 0; round < 3; round++) {
    const metrics = await Promise.all(['codeBleu', 'codeBleu-java'].map(metricById))
    for (const metric of metrics)
      expect(metric.value(metric.statistics(code, [code])!, 1)).toBeGreaterThan(70)
    metrics.length = 0
    for (let turn = 0; turn < 2; turn++) {
      collect()
      await setTimeout(50)
    }
  }
})
