import type {JudgeConfig} from '../config/judge-config.ts'
import {environmentOf} from '../judge/environment.ts'
import {type JudgedRuns, judgeRuns} from '../judge/judge-runs.ts'
import {withJudgeListener} from './judge-listener.ts'

/** Judges runs with progress and Ctrl-C, says on stderr what was left out, and sets the exit code. */
export async function judgeAndTell(
  folders: readonly string[],
  config: JudgeConfig,
  isQuiet: boolean,
): Promise<JudgedRuns> {
  const {judged, command} = await withJudgeListener({isQuiet}, async (listener) => ({
    judged: await judgeRuns(folders, config, {...environmentOf(listener.stopNow), ...listener}),
    command: listener.command,
  }))
  const {stopped} = judged
  if (stopped !== undefined) {
    const isInterrupted = stopped === 'interrupted'
    process.stderr.write(
      `slm: judging stopped: ${stopped}; replies that were paid for are kept\n  go on with: ${command}${isInterrupted ? '' : ' (with a larger budget)'}\n`,
    )
    process.exitCode = isInterrupted ? 130 : 3
    return judged
  }
  for (const {tasks, card} of judged.runs)
    for (const {task, samples, judged: count, notAsked} of tasks) {
      const failed = samples - count - notAsked
      if (failed <= config.maxFailedShare * samples) continue
      process.stderr.write(
        `slm: ${task}, ${card.method}: ${failed} of ${samples} samples could not be judged, allowed share ${config.maxFailedShare}; repeating the command asks again for those that failed on the way\n`,
      )
      process.exitCode = 1
    }
  return judged
}
