import type {Metric} from '../metrics/metric.ts'
import {extractAnswer} from '../tasks/extract-answer.ts'
import type {Task} from '../tasks/task.ts'

/** What was scored of a text, and its value in each metric for which the sample counts. */
export interface TextScore {
  readonly answer: string
  readonly scores: Readonly<Record<string, number>>
}

/** Extracts the answer from a model's text and scores it by each metric; a corpus metric gives its value on this sample alone. */
export function scoreText(
  task: Pick<Task, 'extract'>,
  metrics: readonly Metric[],
  text: string,
  references: readonly string[],
  kind?: string,
): TextScore {
  const answer = extractAnswer(task, text)
  const scores: Record<string, number> = {}
  for (const metric of metrics) {
    const statistics = metric.statistics(answer, references, kind)
    if (statistics !== undefined) scores[metric.id] = metric.value(statistics, 1)
  }
  return {answer, scores}
}
