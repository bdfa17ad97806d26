import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdir, writeFile} from 'node:fs/promises'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'
import {lockRun} from '../../src/store/run-lock.ts'
import {newFolder} from './sample-runs.ts'

const module = fileURLToPath(new URL('../../src/store/run-lock.ts', import.meta.url))

/** A real process that holds the lock until it is killed. */
async function holder(folder: string) {
  const code = `import {lockRun} from ${JSON.stringify(module)}
await lockRun(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

it('keeps a second process out while the first lives, and lets it in when that one was killed', async () => {
  const folder = await newFolder()
  const child = await holder(folder)
  await expect(lockRun(folder)).rejects.toThrow(
    `${folder} is being written by process ${child.pid} on ${hostname()}`,
  )
  child.kill('SIGKILL')
  await once(child, 'exit')
  const release = await lockRun(folder)
  await release()
  expect(await readdir(folder)).toEqual([])
})

it('keeps a second writer of the same process out', async () => {
  const folder = await newFolder()
  const release = await lockRun(folder)
  await expect(lockRun(folder)).rejects.toThrow('is being written by process')
  await release()
})

it('lets exactly one of several in at once over a stale lock', async () => {
  const folder = await newFolder()
  await writeFile(join(folder, 'lock'), JSON.stringify({host: hostname(), pid: 2 ** 22 + 1}))
  const tries = await Promise.allSettled(Array.from({length: 4}, () => lockRun(folder)))
  expect(tries.filter(({status}) => status === 'fulfilled')).toHaveLength(1)
})

it('takes a reused process id for a stranger', async () => {
  const folder = await newFolder()
  await writeFile(join(folder, 'lock'), JSON.stringify({host: hostname(), pid: process.pid, startTicks: '1'}))
  const release = await lockRun(folder)
  await release()
})

it('respects the lock of another host, which it cannot check', async () => {
  const folder = await newFolder()
  await writeFile(join(folder, 'lock'), JSON.stringify({host: 'elsewhere', pid: 1}))
  await expect(lockRun(folder)).rejects.toThrow('process 1 on elsewhere')
})
