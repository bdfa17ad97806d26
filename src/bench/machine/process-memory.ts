import {execFile} from 'node:child_process'
import {readFile, writeFile} from 'node:fs/promises'
import {promisify} from 'node:util'

/** Resident memory of another process, in bytes. */
export interface ProcessMemory {
  readonly residentBytes: number
  /** Most that was resident since the start, or since the mark was reset; where the system keeps no such mark, since the watch began. */
  readonly peakBytes: number
}

/** Watches the memory of a process from outside. */
export interface MemoryWatch {
  /** How the figures are taken. */
  readonly method: string
  read(): Promise<ProcessMemory>
  /** Lets the mark begin anew at what is resident now. */
  resetPeak(): Promise<void>
  stop(): void
}

/** Poll interval where the system keeps no high-water mark. */
const POLL_MS = 50
const run = promisify(execFile)

/** Undefined where neither /proc nor `ps` tells. */
export async function watchMemory(pid: number): Promise<MemoryWatch | undefined> {
  if ((await fromProc(pid)) !== undefined) return procWatch(pid)
  return (await fromPs(pid)) === undefined ? undefined : psWatch(pid)
}

/**
 * Linux: the kernel keeps VmHWM itself, so nothing is polled and the measured process is not disturbed. Writing 5 to
 * clear_refs resets the mark (proc_pid_clear_refs(5)); where that is refused the mark includes loading, and the method says so.
 */
async function procWatch(pid: number): Promise<MemoryWatch> {
  const canReset = await resetMark(pid)
  return {
    method: canReset
      ? 'VmRSS and VmHWM of /proc, mark reset after loading'
      : 'VmRSS and VmHWM of /proc; the peak includes loading, since the mark cannot be reset here',
    read: async () => {
      const memory = await fromProc(pid)
      if (memory === undefined) throw new Error(`process ${pid} is gone`)
      return memory
    },
    resetPeak: async () => {
      await resetMark(pid)
    },
    stop: () => undefined,
  }
}

async function resetMark(pid: number): Promise<boolean> {
  return writeFile(`/proc/${pid}/clear_refs`, '5').then(
    () => true,
    () => false,
  )
}

async function fromProc(pid: number): Promise<ProcessMemory | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined)
  const kibibytes = (key: string): number | undefined => {
    const line = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status ?? '')
    return line?.[1] === undefined ? undefined : Number(line[1]) * 1024
  }
  const [residentBytes, peakBytes] = [kibibytes('VmRSS'), kibibytes('VmHWM')]
  return residentBytes === undefined || peakBytes === undefined ? undefined : {residentBytes, peakBytes}
}

function psWatch(pid: number): MemoryWatch {
  let peakBytes = 0
  const look = async (): Promise<number> => {
    const residentBytes = (await fromPs(pid)) ?? 0
    peakBytes = Math.max(peakBytes, residentBytes)
    return residentBytes
  }
  const timer = setInterval(() => void look(), POLL_MS)
  return {
    method: `ps, every ${POLL_MS} ms`,
    read: async () => ({residentBytes: await look(), peakBytes}),
    resetPeak: async () => {
      peakBytes = 0
      await look()
    },
    stop: () => clearInterval(timer),
  }
}

/** POSIX `ps` gives kibibytes. */
async function fromPs(pid: number): Promise<number | undefined> {
  try {
    const {stdout} = await run('ps', ['-o', 'rss=', '-p', String(pid)])
    const kibibytes = Number(stdout.trim())
    return kibibytes > 0 ? kibibytes * 1024 : undefined
  } catch {
    return undefined
  }
}
