import {readFileSync} from 'node:fs'
import {expect, it} from 'vitest'

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
const pack: {dependencies: Record<string, string>; devDependencies: Record<string, string>} = JSON.parse(
  read('package.json'),
)

it('pins every dependency to an exact version', () => {
  const loose = Object.entries({...pack.dependencies, ...pack.devDependencies}).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
  )
  expect(loose).toEqual([])
})

it('has a lock file without download addresses', () => {
  expect(read('package-lock.json')).not.toContain('"resolved": "http')
})

it('uses one ONNX Runtime', () => {
  const lock: {packages: Record<string, {version?: string}>} = JSON.parse(read('package-lock.json'))
  const copies = Object.keys(lock.packages).filter((name) => name.endsWith('node_modules/onnxruntime-node'))
  expect(copies).toEqual(['node_modules/onnxruntime-node'])
})
