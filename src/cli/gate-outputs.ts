import {appendFile, writeFile} from 'node:fs/promises'
import {SlmError} from '../errors.ts'
import type {GateResult} from '../gate/gate.ts'
import {annotations, gateMarkdown} from '../gate/github.ts'
import {junitXml} from '../gate/junit.ts'
import {githubEnvironment} from './ci-environment.ts'

export interface GateOutputs {
  readonly markdown: string | undefined
  readonly junit: string | undefined
  /** Undefined: as the environment says. */
  readonly isGithub: boolean | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: Date
  readonly seconds: number
  /** Where annotations go: stderr, so that stdout holds the result alone. GitHub reads both. */
  readonly write: (text: string) => unknown
}

/** Writes what machines and reviewers read of a gate. */
export async function writeGateOutputs(
  result: GateResult,
  {markdown, junit, isGithub, env, now, seconds, write}: GateOutputs,
): Promise<void> {
  if (markdown !== undefined)
    await written('--markdown', markdown, () => writeFile(markdown, gateMarkdown(result)))
  const timestamp = now.toISOString().slice(0, 19)
  if (junit !== undefined)
    await written('--junit', junit, () => writeFile(junit, junitXml(result, {timestamp, seconds})))
  const github = githubEnvironment(env)
  if (!(isGithub ?? github.isActions)) return
  for (const line of annotations(result)) write(`${line}\n`)
  const {summaryFile} = github
  if (summaryFile !== undefined)
    await written('GITHUB_STEP_SUMMARY', summaryFile, () => appendFile(summaryFile, gateMarkdown(result)))
}

async function written(name: string, file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw new SlmError('out-not-writable', `${name} ${file} cannot be written`, {
      hint: 'Check that its folder exists and can be written to.',
      cause,
    })
  }
}
