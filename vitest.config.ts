import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    disableConsoleIntercept: true,
    env: {NO_COLOR: '1'},
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: './test/one-temporary-folder.ts',
    pool: 'forks',
    maxWorkers: 2,
    reporters: process.env['CI'] ? ['default', './test/line-reporter.ts'] : ['default'],
  },
})
