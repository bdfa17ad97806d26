/** Runs a command and returns what it printed beside what it returned; resets the exit code that it set. */
export async function quietly<Result>(run: () => Promise<Result>): Promise<{
  readonly result: Awaited<Result>
  readonly printed: string
  readonly stderr: string
  readonly exitCode: number
}> {
  const [stdoutWrite, stderrWrite] = [process.stdout.write, process.stderr.write]
  const printed: string[] = []
  const errors: string[] = []
  process.stdout.write = (chunk) => printed.push(String(chunk)) > 0
  process.stderr.write = (chunk) => errors.push(String(chunk)) > 0
  try {
    const result: Awaited<Result> = await run()
    return {
      result,
      printed: printed.join(''),
      stderr: errors.join(''),
      exitCode: Number(process.exitCode ?? 0),
    }
  } finally {
    process.stdout.write = stdoutWrite
    process.stderr.write = stderrWrite
    process.exitCode = undefined
  }
}
