import {Command} from '@oclif/core/command'
import {SlmError} from '../errors.ts'
import {withVisibleControls} from '../report/page.ts'

/**
 * What all commands share: `--json` prints the returned value and nothing else on stdout, progress goes to stderr,
 * and what a user can mend ends in two plain lines and its exit code, never in a stack trace.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  /** A line of the result, on stdout; silent under `--json`. */
  protected print(text: string): void {
    if (!this.jsonEnabled()) process.stdout.write(`${text}\n`)
  }

  protected override async catch(error: Error & {exitCode?: number; oclif?: {exit?: number}}): Promise<void> {
    if (error instanceof SlmError) {
      // What was wrong may be quoted from a file of a stranger: it must not move the cursor.
      const hint = error.hint === undefined ? undefined : withVisibleControls(error.hint)
      return this.endWith(error.code, withVisibleControls(error.message), hint, error.exit)
    }
    const exit = error.oclif?.exit
    // oclif's own complaints about flags and arguments carry exit code 2 and a message for people.
    if (exit === 2) return this.endWith('usage', withoutColour(error.message), undefined, 2)
    throw error
  }

  private endWith(code: string, message: string, hint: string | undefined, exit: number): void {
    if (this.jsonEnabled())
      process.stdout.write(`${JSON.stringify({error: {code, message, ...(hint ? {hint} : {})}}, null, 2)}\n`)
    process.stderr.write(`slm: ${message}\n${hint ? `  ${hint}\n` : ''}`)
    process.exitCode = exit
  }
}

function withoutColour(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
  return text.replaceAll(/\u001b\[[0-9;]*m/g, '')
}
