import type {BenchEvent} from '../bench/bench.ts'
import {commandLine, withCommand} from './interrupt.ts'
import {duration, type ProgressOptions} from './progress.ts'

const CLEAR_LINE = '\r\u001b[K'

/** Shows which sample is being measured: one redrawn line on a terminal, a line for each elsewhere. */
export function benchProgress({stream, nowMs}: ProgressOptions): {
  readonly onEvent: (event: BenchEvent) => void
  readonly end: () => void
} {
  let startMs: number | undefined
  let isLineOpen = false
  const say = (text: string): void => {
    stream.write(`${isLineOpen ? CLEAR_LINE : ''}${text}\n`)
    isLineOpen = false
  }
  return {
    onEvent: (event) => {
      if (event.kind === 'note') return say(event.text)
      startMs ??= nowMs()
      const line = sampleLine(event, (nowMs() - startMs) / 1000)
      if (stream.isTTY !== true) return say(line)
      stream.write(`${CLEAR_LINE}${line.slice(0, (stream.columns ?? 80) - 1)}`)
      isLineOpen = true
    },
    end: () => {
      if (isLineOpen) stream.write('\n')
      isLineOpen = false
    },
  }
}

function sampleLine({done, planned, job}: Extract<BenchEvent, {kind: 'sample'}>, seconds: number): string {
  const {cell, subject, repeat} = job
  const left = done === 0 ? '?' : duration((seconds / done) * (planned - done))
  return [
    `${done + 1}/${planned}`,
    `${cell.inputTokens} + ${cell.outputTokens} tokens`,
    `batch ${cell.batch}`,
    cell.setting,
    `repeat ${repeat + 1}`,
    subject.label,
    `${duration(seconds)} elapsed`,
    `${left} left`,
  ].join(', ')
}

/** Runs a benchmark; Ctrl-C ends the sample that is being measured, and the error names the command that goes on. */
export async function withBenchProgress<Value>(
  isQuiet: boolean,
  work: (listener: {
    readonly signal: AbortSignal
    readonly onEvent: (event: BenchEvent) => void
  }) => Promise<Value>,
): Promise<Value> {
  const command = commandLine(process.argv, process.cwd())
  const progress = benchProgress({stream: process.stderr, nowMs: () => performance.now()})
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    return await work({
      signal: controller.signal,
      onEvent: isQuiet ? () => undefined : progress.onEvent,
    })
  } catch (error) {
    progress.end()
    throw withCommand(error, command)
  } finally {
    progress.end()
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
