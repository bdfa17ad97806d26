import {SlmError} from '../errors.ts'
import type {JudgeEvent, OnJudgeEvent} from '../judge/events.ts'
import {JudgingStopped} from '../judge/stopped.ts'
import {commandLine, interruptible} from './interrupt.ts'
import type {ProgressStream} from './progress.ts'

/** What a command hands to judges: they listen on stderr and stop on Ctrl-C. */
export interface JudgeListener {
  readonly signal: AbortSignal
  readonly stopNow: AbortSignal
  readonly onEvent: OnJudgeEvent
  /** The command that goes on after a stop. */
  readonly command: string
}

/** A redrawn line changes at most ten times a second; plain lines come every five seconds. */
const REDRAW_MS = 100
const PLAIN_MS = 5000
const CLEAR_LINE = '\r\u001b[K'

/** Judges with progress on stderr and Ctrl-C in hand. */
export async function withJudgeListener<Value>(
  {isQuiet}: {readonly isQuiet: boolean},
  work: (listener: JudgeListener) => Promise<Value>,
): Promise<Value> {
  const {stderr} = process
  const command = commandLine(process.argv, process.cwd())
  const interrupt = interruptible(command, (text) => stderr.write(text))
  const progress = judgeProgress(stderr, () => performance.now())
  try {
    return await work({...interrupt, onEvent: isQuiet ? () => undefined : progress.onEvent, command})
  } catch (error) {
    if (!(error instanceof JudgingStopped)) throw error
    const exit = interrupt.signal.aborted ? 130 : 3
    throw new SlmError(
      'judging-stopped',
      `judging stopped: ${error.message}; replies that were paid for are kept`,
      {
        hint: `go on with: ${command}`,
        exit,
      },
    )
  } finally {
    progress.end()
    interrupt.release()
  }
}

/** `answer-correctness 12/100, 1 not judged, 0:31 elapsed`: one redrawn line on a terminal, plain lines elsewhere. */
export function judgeProgress(
  stream: ProgressStream,
  nowMs: () => number,
): {readonly onEvent: OnJudgeEvent; readonly end: () => void} {
  const state = {method: '', samples: 0, done: 0, notJudged: 0, startMs: nowMs(), shownMs: 0}
  let isLineOpen = false
  const close = (): void => {
    if (isLineOpen) stream.write('\n')
    isLineOpen = false
  }
  const show = (): void => {
    state.shownMs = nowMs()
    const {method, samples, done, notJudged} = state
    const failed = notJudged > 0 ? `, ${notJudged} not judged` : ''
    const seconds = Math.round((nowMs() - state.startMs) / 1000)
    const line = `${method} ${done}/${samples}${failed}, ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} elapsed`
    isLineOpen = stream.isTTY === true
    stream.write(isLineOpen ? `${CLEAR_LINE}${line.slice(0, (stream.columns ?? 80) - 1)}` : `${line}\n`)
  }
  const onEvent = (event: JudgeEvent): void => {
    switch (event.kind) {
      case 'started':
        close()
        stream.write(`${event.folder}: judging ${event.samples} samples by ${event.method}\n`)
        Object.assign(state, {method: event.method, samples: event.samples, done: 0, notJudged: 0})
        state.startMs = state.shownMs = nowMs()
        return
      case 'sample':
        state.done += 1
        if (!event.isJudged) state.notJudged += 1
        if (nowMs() - state.shownMs >= (stream.isTTY === true ? REDRAW_MS : PLAIN_MS)) show()
        return
      case 'note':
        close()
        stream.write(`${event.text}\n`)
    }
  }
  return {onEvent, end: close}
}
