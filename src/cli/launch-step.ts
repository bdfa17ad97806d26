import {spawn} from 'node:child_process'
import {createWriteStream} from 'node:fs'
import {createInterface} from 'node:readline'
import type {Launch} from '../reproduce/run-steps.ts'

/**
 * Runs steps as processes of this same program. Each has a process group of its own, so that Ctrl-C reaches it once, by way
 * of `signal`, and it can finish and save its step. What it prints goes to its log; lines of progress go to `onLine` too.
 */
export function stepLauncher(onLine: (id: string, line: string) => void): Launch {
  return ({id, words, log, signal}) =>
    new Promise((resolve, reject) => {
      const program = process.argv[1] ?? ''
      const child = spawn(process.execPath, [...process.execArgv, program, ...words], {
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      const kept = createWriteStream(log, {flags: 'a'})
      kept.write(`$ slm ${words.join(' ')}\n`)
      const keep = (line: string): void => void kept.write(`${line}\n`)
      createInterface({input: child.stdout}).on('line', keep)
      createInterface({input: child.stderr}).on('line', (line) => {
        keep(line)
        onLine(id, line)
      })
      const stop = (): void => void child.kill('SIGTERM')
      const endWithUs = (): void => void child.kill('SIGTERM')
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, {once: true})
      process.once('exit', endWithUs)
      child.once('error', reject)
      child.once('close', (code) => {
        signal.removeEventListener('abort', stop)
        process.off('exit', endWithUs)
        // A process that a signal ended has no code.
        kept.end(() => resolve(code ?? 1))
      })
    })
}
