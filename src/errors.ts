/**
 * The one error class for what a person can mend. Commands print `message` and `hint` on one line each
 * and exit with `exit`; anything else that is thrown is a defect and keeps its stack.
 */
export class SlmError extends Error {
  override readonly name = 'SlmError'
  /** Stable, kebab-case: what scripts match on, e.g. `model-file-missing`. */
  readonly code: string
  /** What to do about it, in one sentence. */
  readonly hint: string | undefined
  /** The process exit code: 2 input, 1 result, 3 inconclusive, 130 interrupted. */
  readonly exit: number

  constructor(code: string, message: string, options: {hint?: string; exit?: number; cause?: unknown} = {}) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause})
    this.code = code
    this.hint = options.hint
    this.exit = options.exit ?? 2
  }
}
