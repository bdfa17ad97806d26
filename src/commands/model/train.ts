import {integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {SlmError} from '../../errors.ts'

export default class ModelTrain extends BaseCommand {
  static override summary = 'Train a checkpoint from data, alone or from a teacher'
  static override description =
    'Reads the configuration, trains, and writes a checkpoint folder that `slm eval` opens; its log, loss curve and state lie in training/ there. The same command goes on after a stop or kill, to the same bytes. With --stop-after or --budget it stops in order and exits with 0; the checkpoint is written by the call that takes the last step.'
  static override examples = [
    'slm model train --config configs/train/squad-mini-enc-dec.yaml --out models/squad-mini-enc-dec',
    'slm model train --config configs/train/squad-mini-dec-only.yaml --steps 100 --out models/short',
    'slm model train --config configs/train/mix-enc-dec.yaml --budget 30m',
  ]

  static override flags = {
    config: string({description: 'YAML file, see configs/train/', required: true}),
    out: string({description: 'folder of the checkpoint'}),
    tokenizer: string({description: 'folder with tokenizer.json'}),
    steps: integer({description: 'steps of the optimizer (default: those of the YAML)', min: 1}),
    seed: integer({description: 'of weights and order (default 1)', min: 0}),
    threads: integer({description: 'threads inside one operator (default: one for each processor)', min: 1}),
    'stop-after': integer({
      description: 'stop at a saved state after so many steps of this call (default: train to the end)',
      min: 1,
    }),
    budget: string({
      description:
        'stop at a saved state before this call has taken so long: 90s, 30m, 8h (default: no limit)',
    }),
  }

  async run() {
    const {flags} = await this.parse(ModelTrain)
    const {readConfig} = await import('../../config/read-config.ts')
    const {trainConfigSchema} = await import('../../config/train-config.ts')
    const {trainModel} = await import('../../train/train-model.ts')
    const {defaultThreads} = await import('../../engine/session.ts')
    const {trainingProgress, trainingResultLines} = await import('../../cli/training-progress.ts')
    const {commandLine, interruptible, withCommand} = await import('../../cli/interrupt.ts')
    const {parseDuration} = await import('../../config/parse-duration.ts')
    const {config: file, json: _json, 'stop-after': stopAfterSteps, budget, ...given} = flags
    const budgetMs = budget === undefined ? undefined : parseDuration('--budget', budget)
    const {value: config} = await readConfig(trainConfigSchema, {file, flags: given})
    const {out} = config
    if (out === undefined)
      throw new SlmError('usage', 'no folder to write to', {hint: 'Give --out DIR, or out: in the YAML.'})
    const command = commandLine(process.argv, process.cwd())
    const nowMs = (): number => performance.now()
    const cpuMs = (): number => {
      const {user, system} = process.cpuUsage()
      return (user + system) / 1000
    }
    const progress = trainingProgress({stream: process.stderr, nowMs})
    const interrupt = interruptible(command, (text) => process.stderr.write(text))
    try {
      const threads = config.threads ?? defaultThreads()
      const {signal} = interrupt
      const {onEvent} = progress
      const limits = {stopAfterSteps, budgetMs, signal}
      const result = await trainModel(config, {out, threads, nowMs, cpuMs, onEvent, ...limits})
      progress.end()
      for (const line of trainingResultLines(out, result, command)) this.print(line)
      return {out, ...result}
    } catch (error) {
      progress.end()
      throw withCommand(error, command)
    } finally {
      interrupt.release()
    }
  }
}
