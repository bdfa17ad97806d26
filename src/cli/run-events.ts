import type {OnEvent} from '../eval/events.ts'
import {commandLine, interruptible, withCommand} from './interrupt.ts'
import {progressReporter} from './progress.ts'

/** Where run folders go, seen from the current folder. */
export const RESULTS_FOLDER = 'results'

const TICK_MS = 1000

/** What a command hands to a run: it listens on stderr and stops on Ctrl-C. */
export interface RunListener {
  readonly signal: AbortSignal
  readonly stopNow: AbortSignal
  readonly onEvent: OnEvent
  readonly resultsDir: string
}

/** Runs `work` with progress on stderr and Ctrl-C in hand; an interrupted run ends with the command that goes on. */
export async function withProgress<Value>(
  {isQuiet}: {readonly isQuiet: boolean},
  work: (listener: RunListener) => Promise<Value>,
): Promise<Value> {
  const {stderr} = process
  const command = commandLine(process.argv, process.cwd())
  const progress = progressReporter({stream: stderr, nowMs: () => performance.now()})
  const interrupt = interruptible(command, (text) => stderr.write(text))
  const onEvent: OnEvent = isQuiet ? () => undefined : progress.onEvent
  const clock = setInterval(progress.tick, TICK_MS).unref()
  try {
    const {signal, stopNow} = interrupt
    return await work({signal, stopNow, onEvent, resultsDir: RESULTS_FOLDER})
  } catch (error) {
    throw withCommand(error, command)
  } finally {
    clearInterval(clock)
    progress.end()
    interrupt.release()
  }
}
