import {SlmError} from '../errors.ts'
import type {PlainError} from './worker-messages.ts'

export function toPlainError(error: unknown): PlainError {
  if (error instanceof SlmError) {
    return {code: error.code, message: error.message, hint: error.hint, exit: error.exit, stack: error.stack}
  }
  const isError = error instanceof Error
  return {
    code: undefined,
    message: isError ? error.message : String(error),
    hint: undefined,
    exit: 1,
    stack: isError ? error.stack : undefined,
  }
}

export function fromPlainError(plain: PlainError): Error {
  if (plain.code !== undefined) {
    return new SlmError(plain.code, plain.message, {
      exit: plain.exit,
      ...(plain.hint === undefined ? {} : {hint: plain.hint}),
    })
  }
  const error = new Error(plain.message)
  if (plain.stack !== undefined) error.stack = plain.stack
  return error
}
