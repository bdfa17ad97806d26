import {randomUUID} from 'node:crypto'
import {link, mkdir, open, readFile, rename, rm} from 'node:fs/promises'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {z} from 'zod'
import {SlmError} from '../errors.ts'

const holderSchema = z.object({
  host: z.string(),
  pid: z.int().positive(),
  /** Start of the process in clock ticks since boot (Linux), so that a reused pid is not taken for the holder. */
  startTicks: z.string().optional(),
})
type Holder = z.output<typeof holderSchema>

/** Makes a run's folder and keeps other writers out of it. Returns what releases it; errors: `run-folder`, `run-locked`. */
export async function claimRunFolder(folder: string): Promise<() => Promise<void>> {
  try {
    await mkdir(folder, {recursive: true})
    return await lockRun(folder)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code // a system error has one in capitals
    if (cause instanceof SlmError || code === undefined) throw cause
    const why =
      code === 'EEXIST' || code === 'ENOTDIR' ? 'lies where a file is' : `cannot be written (${code})`
    throw new SlmError('run-folder', `the run folder ${folder} ${why}`, {
      hint: 'Give --out a folder that can be made and written.',
      cause,
    })
  }
}

/**
 * Keeps a second writer out of a run folder. The lock of a process that is gone is taken over; one held on another host
 * cannot be checked and is respected. Returns what releases it.
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'lock')
  const mine: Holder = {host: hostname(), pid: process.pid, ...ticks(await startTicks(process.pid))}
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await create(file, mine)) return () => rm(file, {force: true})
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const holder = holderOf(text)
    if (holder !== undefined && (await isHeld(holder))) throw locked(folder, holder)
    await clearStale(file, text)
  }
  throw new SlmError('run-locked', `${folder} is being opened by several processes at once`, {
    hint: 'Let one of them finish, then repeat the command.',
  })
}

function locked(folder: string, {pid, host}: Holder): SlmError {
  return new SlmError('run-locked', `${folder} is being written by process ${pid} on ${host}`, {
    hint: `Wait for it, give another --out, or remove ${join(folder, 'lock')} if that process is gone.`,
  })
}

/** False when somebody else's lock is there. Written aside and linked, so that nobody ever reads half a lock. */
async function create(file: string, holder: Holder): Promise<boolean> {
  const aside = `${file}.${randomUUID()}`
  const handle = await open(aside, 'w')
  await handle.writeFile(JSON.stringify(holder))
  await handle.close()
  try {
    await link(aside, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(aside, {force: true})
  }
}

/** Takes the stale lock away; should another process have replaced it in between, puts that one back. */
async function clearStale(file: string, stale: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  try {
    await rename(file, aside)
  } catch {
    return // somebody else was quicker
  }
  if ((await readFile(aside, 'utf8')) !== stale) await link(aside, file).catch(() => undefined)
  await rm(aside, {force: true})
}

function holderOf(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

async function isHeld(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return true
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return holder.startTicks === undefined || holder.startTicks === (await startTicks(holder.pid))
}

/**
 * Field 22 of /proc/<pid>/stat; undefined where there is no /proc and for a process that ended but was not yet waited
 * for (state Z). The name in field 2 may hold spaces and brackets.
 */
async function startTicks(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields?.[0] === 'Z' ? undefined : fields?.[19]
}

function ticks(value: string | undefined): {startTicks?: string} {
  return value === undefined ? {} : {startTicks: value}
}
