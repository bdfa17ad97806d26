import type {EvalEvent, OnEvent} from '../eval/events.ts'
import {downloadLine} from './download-line.ts'

/** Where progress goes: stderr, or a string in a test. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

export interface ProgressOptions {
  readonly stream: ProgressStream
  /** Milliseconds from any fixed point. */
  readonly nowMs: () => number
}

/** The redrawn line changes at most ten times a second; plain lines come every five seconds. */
const REDRAW_MS = 100
const PLAIN_MS = 5000
/** An ended line is cleared from the cursor on. */
const CLEAR_LINE = '\r\u001b[K'

interface State {
  task: string
  planned: number
  /** Samples on disk before this start. */
  resumed: number
  /** Samples of this start, whether or not they are on disk already. */
  answered: number
  failed: number
  newTokens: number
  /** Made so far, those of the next pool included. */
  prompts: number
  startMs: number
  shownMs: number
}

export interface ProgressReporter {
  readonly onEvent: OnEvent
  /** Shows that time goes by, when nothing else is told: a long prompt is one step. */
  readonly tick: () => void
  /** Closes the line. */
  readonly end: () => void
}

/** Listens to a run and shows where it is: one redrawn line on a terminal, plain lines elsewhere. */
export function progressReporter({stream, nowMs}: ProgressOptions): ProgressReporter {
  const isTerminal = stream.isTTY === true
  const state = newState(nowMs())
  let isLineOpen = false
  const say = (text: string): void => {
    stream.write(`${isLineOpen ? CLEAR_LINE : ''}${text}\n`)
    isLineOpen = false
  }
  const show = (): void => {
    state.shownMs = nowMs()
    const line = progressLine(state, nowMs())
    if (!isTerminal) {
      say(line)
      return
    }
    stream.write(`${CLEAR_LINE}${line.slice(0, (stream.columns ?? 80) - 1)}`)
    isLineOpen = true
  }
  const tick = (): void => {
    const isDue = nowMs() - state.shownMs >= (isTerminal ? REDRAW_MS : PLAIN_MS)
    if (state.planned > 0 && isDue) show()
  }
  const end = (): void => {
    if (state.planned > 0 && (isLineOpen || !isTerminal)) show()
    if (isLineOpen) stream.write('\n')
    isLineOpen = false
    Object.assign(state, newState(nowMs()))
  }
  const onEvent = (event: EvalEvent): void => {
    // The run before this one has ended.
    if (event.kind === 'opening') end()
    const news = take(state, event, nowMs())
    if (news !== undefined) say(news)
    tick()
  }
  return {onEvent, tick, end}
}

function newState(startMs: number): State {
  return {
    task: '',
    planned: 0,
    resumed: 0,
    answered: 0,
    failed: 0,
    newTokens: 0,
    prompts: 0,
    startMs,
    shownMs: Number.NEGATIVE_INFINITY,
  }
}

/** Takes the event in and returns what deserves a line of its own. */
function take(state: State, event: EvalEvent, nowMs: number): string | undefined {
  switch (event.kind) {
    case 'opening':
      return `opening ${event.model}`
    case 'downloading':
      return downloadLine(event.path, event.bytes)
    case 'opened':
      return `${event.model}: ${event.architecture}, ${event.dtype}, ${event.device} with ${event.threads} threads`
    case 'started':
      // A comparison runs several models one after the other: each counts from its own start.
      Object.assign(state, {answered: 0, failed: 0, newTokens: 0, startMs: nowMs, shownMs: nowMs})
      Object.assign(state, {planned: event.planned, resumed: event.done})
      return event.done > 0
        ? `${event.folder}: going on after ${event.done} of ${event.planned} samples`
        : `${event.folder}: ${event.planned} samples`
    case 'task':
      state.task = event.task
      return undefined
    case 'prompts':
      state.prompts += event.prompts
      return undefined
    case 'sample':
      state.answered++
      if (event.isFailed) state.failed++
      return undefined
    case 'tokens':
      state.newTokens += event.newTokens
      return undefined
    case 'stored':
      // A group that was cut off is decoded again: what is on disk is the truth.
      state.resumed = Math.max(0, event.done - state.answered)
      return undefined
    case 'note':
      return event.text
    case 'batch-size':
      return `batch size ${event.from} -> ${event.to}: ${event.why}`
  }
}

function progressLine(state: State, nowMs: number): string {
  const {task, planned, resumed, answered, failed, newTokens, prompts, startMs} = state
  const done = Math.min(planned, resumed + answered)
  const seconds = (nowMs - startMs) / 1000
  const perSecond = seconds > 0 ? answered / seconds : 0
  const left = perSecond > 0 ? duration((planned - done) / perSecond) : '?'
  return [
    `${task} ${done}/${planned}`,
    ...(answered === 0 && prompts > 0 ? [`${prompts} prompts made`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${perSecond.toFixed(perSecond < 10 ? 2 : 0)} samples/s`,
    `${seconds > 0 ? Math.round(newTokens / seconds) : 0} tokens/s`,
    `${duration(seconds)} elapsed`,
    `${left} left`,
  ].join(', ')
}

/** `m:ss`, or `h:mm:ss` from an hour on. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
