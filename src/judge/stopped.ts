/** Thrown to leave the rest unasked: what was paid for is kept, and repeating the command goes on. */
export class JudgingStopped extends Error {
  override readonly name = 'JudgingStopped'
}
