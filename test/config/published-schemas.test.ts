import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {compareConfigSchema} from '../../src/config/compare-config.ts'
import {evalConfigSchema} from '../../src/config/eval-config.ts'
import {publishedSchemas} from '../../src/config/published-schemas.ts'
import {readConfig} from '../../src/config/read-config.ts'

const configs = fileURLToPath(new URL('../../configs', import.meta.url))
const SCHEMA_LINE = /^# yaml-language-server: \$schema=(\S+)/m

it.each(Object.entries(publishedSchemas()))('publishes %s as the code checks it', (file, text) => {
  // To renew: node --import tsx scripts/write-schemas.ts
  expect(readFileSync(join(configs, file), 'utf8')).toBe(text)
})

it('describes every setting of an evaluation', () => {
  const schema = JSON.parse(publishedSchemas()['eval.schema.json'] ?? '{}')
  const silent = Object.entries<{description?: string}>(schema.properties).filter(
    ([, part]) => !part.description,
  )
  expect(silent).toEqual([])
  expect(schema.additionalProperties).toBe(false)
})

const yamls = readdirSync(configs).filter((name) => name.endsWith('.yaml'))

describe.each(yamls)('configs/%s', (name) => {
  const file = join(configs, name)
  const schema = SCHEMA_LINE.exec(readFileSync(file, 'utf8'))?.[1] ?? ''

  it('names a published schema for editors', () => {
    expect(Object.keys(publishedSchemas())).toContain(join(dirname(name), schema))
  })

  it('is a valid configuration', async () => {
    const checked = schema.includes('compare')
      ? readConfig(compareConfigSchema, {file, flags: {}})
      : readConfig(evalConfigSchema, {file, flags: {}})
    await expect(checked).resolves.toHaveProperty('value.seed')
  })
})
