import {integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {SlmError} from '../../errors.ts'

export default class ModelTrain extends BaseCommand {
  static override summary = 'Train a checkpoint from data, alone or from a teacher'
  static override description =
    'Reads the configuration, trains, and writes a checkpoint folder that `slm eval` opens; its log, loss curve and state lie in training/ there. The same command goes on after a stop or kill, to the same bytes.'
  static override examples = [
    'slm model train --config configs/train/squad-mini-enc-dec.yaml --out models/squad-mini-enc-dec',
    'slm model train --config configs/train/squad-mini-dec-only.yaml --steps 100 --out /tmp/short',
  ]

  static override flags = {
    config: string({description: 'YAML file, see configs/train/', required: true}),
    out: string({description: 'folder of the checkpoint'}),
    tokenizer: string({description: 'folder with tokenizer.json'}),
    steps: integer({description: 'steps of the optimizer', min: 1}),
    seed: integer({description: 'of weights and order', min: 0}),
    threads: integer({description: 'threads inside one operator', min: 1}),
  }

  async run() {
    const {flags} = await this.parse(ModelTrain)
    const {readConfig} = await import('../../config/read-config.ts')
    const {trainConfigSchema} = await import('../../config/train-config.ts')
    const {trainModel} = await import('../../train/train-model.ts')
    const {defaultThreads} = await import('../../engine/session.ts')
    const {trainingProgress} = await import('../../cli/training-progress.ts')
    const {commandLine, interruptible, withCommand} = await import('../../cli/interrupt.ts')
    const {config: file, json: _json, ...given} = flags
    const {value: config} = await readConfig(trainConfigSchema, {file, flags: given})
    const {out} = config
    if (out === undefined)
      throw new SlmError('usage', 'no folder to write to', {hint: 'Give --out DIR, or out: in the YAML.'})
    const command = commandLine(process.argv, process.cwd())
    const nowMs = (): number => performance.now()
    const progress = trainingProgress({stream: process.stderr, nowMs})
    const interrupt = interruptible(command, (text) => process.stderr.write(text))
    try {
      const threads = config.threads ?? defaultThreads()
      const {signal} = interrupt
      const result = await trainModel(config, {out, threads, nowMs, onEvent: progress.onEvent, signal})
      progress.end()
      const {best, parameters, steps, tokens} = result
      this.print(
        `${out}: ${parameters.toLocaleString('en-US')} parameters, ${steps} steps, ${tokens.toLocaleString('en-US')} tokens; weights of step ${best.step}: loss ${best.loss.toFixed(3)}, ${(100 * best.exact).toFixed(1)}% of ${best.count} answers exact`,
      )
      return {out, ...result}
    } catch (error) {
      progress.end()
      throw withCommand(error, command)
    } finally {
      interrupt.release()
    }
  }
}
