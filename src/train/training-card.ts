import type {Evaluation} from './evaluate-weights.ts'
import type {TrainedFacts} from './export-checkpoint.ts'
import type {TrainingPlan} from './plan-training.ts'

/** README.md of a trained checkpoint: what it is, what it learned from, and what that cost. Times are this training's own. */
export function trainingCard(plan: TrainingPlan, facts: TrainedFacts): string {
  const {config, shape, parameters} = plan
  const {distillation} = config
  const layers =
    shape.encoderLayers > 0
      ? `encoder-decoder, ${shape.encoderLayers} + ${shape.decoderLayers} layers`
      : `decoder-only, ${shape.decoderLayers} layers`
  const teaching = distillation
    ? `a teacher (alpha ${distillation.alpha}, temperature ${distillation.temperature}, answers: ${distillation.targets}) and the data’s answers`
    : 'the data’s answers'
  return [
    `# ${config.tasks.map(nameOf).join(', ')}: ${config.network.arch}`,
    `Trained by \`slm model train\` from ${teaching}; ${layers}, width ${shape.width}, ${whole(parameters)} parameters, seed ${config.seed}.`,
    `Weights of step ${facts.step} of ${facts.steps}, the best evaluation by ${config.evaluation.best}. Fitted to these tasks alone.`,
    evaluations(facts),
    '## What it learned from',
    sources(facts),
    '## What it cost',
    'All steps, also those after the weights above. Equal budgets can be read off here and in `config.json` (`slm.spent`).',
    costs(facts),
    `Configuration: digest \`${plan.digest}\`. Log, loss curve and times: \`training/\` where the checkpoint was made.`,
  ]
    .join('\n\n')
    .concat('\n')
}

function evaluations({evaluation}: TrainedFacts): string {
  const row = (name: string, {loss, exact, count}: Evaluation): readonly string[] => [
    name,
    loss.toFixed(3),
    `${(100 * exact).toFixed(1)}%`,
    whole(count),
  ]
  const tasks = Object.entries(evaluation.tasks)
  const rows = tasks.map(([task, found]) => row(task, found))
  return table(
    ['evaluated while training', 'loss (nats a token)', 'exact answers', 'rows'],
    tasks.length > 1 ? [...rows, row('mean of the tasks', evaluation)] : rows,
  )
}

function sources({data}: TrainedFacts): string {
  return table(
    ['task', 'rows', 'left out: too long', 'left out: unreadable', 'prompts cut'],
    data.learned.map(({task, examples, tooLong, bad, cut}) => [
      task,
      ...[examples.length, tooLong, bad, cut].map(whole),
    ]),
  )
}

function costs({steps, spent, time}: TrainedFacts): string {
  const rows: (readonly [string, string])[] = [
    ['steps', whole(steps)],
    ['examples', whole(spent.examples)],
    ['tokens of prompts and answers', whole(spent.tokens)],
    ['FLOPs of the matrix products', spent.flops.toExponential(3)],
  ]
  if (spent.teacherFlops > 0) rows.push(['FLOPs of the teacher', spent.teacherFlops.toExponential(3)])
  if (spent.drawnTokens > 0)
    rows.push(
      ['tokens of drawn answers', whole(spent.drawnTokens)],
      ['FLOPs of drawing them', spent.drawingFlops.toExponential(3)],
    )
  rows.push(
    ['seconds of steps', time.stepSeconds.toFixed(0)],
    ['seconds of evaluations', time.evaluationSeconds.toFixed(0)],
    [`processor seconds (${time.threads} threads)`, time.cpuSeconds.toFixed(0)],
  )
  return table(['spent', ''], rows)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function whole(value: number): string {
  return value.toLocaleString('en-US')
}

/** A task may be named by the path of its file. */
function nameOf(task: string): string {
  return task.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/, '')
}
