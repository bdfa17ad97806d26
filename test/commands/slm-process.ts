import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, readFile, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import {setTimeout} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface SlmProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<Ended>
}

/** The real program from source, as a process of its own. */
export function slm(args: readonly string[], env: Readonly<Record<string, string>> = {}): SlmProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'bin/dev.js', ...args], {
    cwd: root,
    env: {...process.env, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code]) => ({code: code as number | null, stdout, stderr})) // `close` gives the code first
  return {child, ended}
}

/** Waits until the file is longer than `bytes`; fails when the process ends before. */
export async function grown(file: string, bytes: number, {child, ended}: SlmProcess): Promise<number> {
  for (;;) {
    const size = await stat(file).then(
      (found) => found.size,
      () => 0,
    )
    if (size > bytes) return size
    if (child.exitCode !== null) throw new Error(`the process ended: ${JSON.stringify(await ended)}`)
    await setTimeout(5)
  }
}

/** A task of short prompts in a new folder, and where its run goes. */
export async function shortTask(rows: number): Promise<{readonly task: string; readonly out: string}> {
  const folder = await mkdtemp(join(tmpdir(), 'slm-cli-'))
  const task = join(folder, 'short.yaml')
  await writeFile(task, TASK)
  const lines = Array.from({length: rows}, (_, row) =>
    JSON.stringify({id: `r${row}`, text: 'ab'.repeat(row % 7), answer: 'a b'}),
  )
  await writeFile(join(folder, 'rows.jsonl'), `${lines.join('\n')}\n`)
  return {task, out: join(folder, 'run')}
}

const TASK = `name: short
title: Short
version: 1
description: Anything.
origin: this test
licence: CC0-1.0
source:
  kind: files
  splits: {test: [rows.jsonl]}
  split: test
columns:
  id: id
  fields: {text: text}
  references: answer
prompt:
  template: "again {text}"
  truncate: {field: text, side: left}
maxNewTokens: 12
metrics: [rougeL]
primary: rougeL
`

/** What must be byte-equal between two runs of one plan. */
export async function bytesOf(folder: string): Promise<string[]> {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  const {machine: _, ...manifest} = JSON.parse(await read('manifest.json'))
  const samples = (await read('samples.jsonl')).replaceAll(/,"timing":\{[^}]*\}/g, '')
  return [samples, JSON.stringify(manifest), await read('summary.json')]
}
