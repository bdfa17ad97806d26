/** Runs a command and returns what it printed beside what it returned; resets the exit code that it set. */
export async function quietly<Result>(
  run: () => Promise<Result>,
): Promise<{readonly result: Awaited<Result>; readonly stderr: string; readonly exitCode: number}> {
  const [stdoutWrite, stderrWrite] = [process.stdout.write, process.stderr.write]
  const errors: string[] = []
  process.stdout.write = () => true
  process.stderr.write = (chunk) => errors.push(String(chunk)) > 0
  try {
    const result: Awaited<Result> = await run()
    return {result, stderr: errors.join(''), exitCode: Number(process.exitCode ?? 0)}
  } finally {
    process.stdout.write = stdoutWrite
    process.stderr.write = stderrWrite
    process.exitCode = undefined
  }
}
