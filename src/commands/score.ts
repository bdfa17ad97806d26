import {boolean, integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'
import type {PredictionScores} from '../eval/score-predictions.ts'

export default class Score extends BaseCommand {
  static override summary = 'Score text that somebody else produced, by the metrics of a task.'
  static override description =
    `Predictions are rows {"id","prediction"}, one JSON object a line (.jsonl); SQuAD's JSON object of id to text (.json) and plain lines, line n for row n (.txt), can be read too.
References are rows {"id","references":[...]} (an empty list: the question has no answer), or the task's own data.
A prediction is scored as it stands, as the reference programs do it; --extract takes the answer from it first, as slm eval does.`
  static override examples = [
    '<%= config.bin %> score --task squad --predictions predictions.json --data dev-v2.0.json',
    '<%= config.bin %> score --task codex --predictions predictions.txt --references references.txt --json',
    '<%= config.bin %> score --task xsum --predictions mine.jsonl --references gold.jsonl --metrics rougeL,rougeLsum-stem',
  ]
  static override flags = {
    task: string({char: 't', description: 'name of a task, or the path of its YAML', required: true}),
    predictions: string({char: 'p', description: 'what to score', required: true, helpValue: '<file>'}),
    references: string({description: 'the right answers', helpValue: '<file>', exclusive: ['data', 'split']}),
    data: string({
      description: 'a file in the task’s own format; the task’s data by default',
      helpValue: '<file>',
    }),
    split: string({description: 'split of the task’s data; its own by default'}),
    metrics: string({description: 'metric ids with commas between them; the task’s own by default'}),
    missing: string({
      description: 'what a reference without a prediction counts as; refused by default',
      options: ['wrong', 'skip'],
    }),
    extract: boolean({description: 'take the answers from the texts by the task’s own steps'}),
    cluster: string({
      description:
        'field of the task’s data whose samples vary together, such as context: drawn whole for the intervals',
      helpValue: '<field>',
    }),
    seed: integer({description: 'seed of the intervals', default: 0}),
    resamples: integer({description: 'resamples of the intervals', min: 1, max: 1_000_000, default: 10_000}),
  }

  async run(): Promise<PredictionScores> {
    const {flags} = await this.parse(Score)
    const [{scorePredictions}, {scorePage}, {terminal}] = await Promise.all([
      import('../eval/score-predictions.ts'),
      import('../cli/score-page.ts'),
      import('../report/terminal.ts'),
    ])
    const scores = await scorePredictions({
      task: flags.task,
      predictions: flags.predictions,
      references: flags.references,
      data: flags.data,
      split: flags.split,
      metrics: flags.metrics?.split(',').map((id) => id.trim()),
      missing: flags.missing === 'wrong' || flags.missing === 'skip' ? flags.missing : 'refuse',
      isExtracting: flags.extract,
      seed: flags.seed,
      resamples: flags.resamples,
      cluster: flags.cluster,
    })
    this.print(terminal(scorePage(scores)).trimEnd())
    return scores
  }
}
