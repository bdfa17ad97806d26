import type {Reporter, TestModule} from 'vitest/node'

/** Ends a CI run with the one plain line that any log reader can count: `N passed, N failed`. */
export default class LineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0
    let failed = 0
    for (const module of modules) {
      let inModule = 0
      for (const test of module.children.allTests()) {
        inModule += 1
        if (test.result().state === 'passed') passed += 1
        if (test.result().state === 'failed') failed += 1
      }
      if (inModule === 0 && module.errors().length > 0) failed += 1
    }
    process.on('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`))
  }
}
