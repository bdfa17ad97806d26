import {string as text} from '@oclif/core/args'
import {boolean, integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import type {JudgeMethod} from '../../config/judge-config.ts'
import type {TaskPreview} from '../../eval/preview-task.ts'
import type {ShownQuestion} from '../../judge/shown-messages.ts'

const SIDES = ['error', 'left', 'right', 'middle'] as const
const METHODS = ['answer-correctness', 'rubric', 'pairwise'] as const satisfies readonly JudgeMethod[]

export default class TaskShow extends BaseCommand {
  static override summary = 'Show a task and its first prompts, as a model reads them.'
  static override examples = [
    '<%= config.bin %> task show squad-mini',
    '<%= config.bin %> task show squad --data dev-v2.0.json --model ./my-checkpoint --n 3',
    '<%= config.bin %> task show ./riddles.yaml',
    '<%= config.bin %> task show xsum-mini --judge rubric --n 1',
  ]
  static override args = {
    task: text({description: 'name of a task, or the path of its YAML', required: true}),
  }
  static override flags = {
    n: integer({
      description: 'prompts to show; 0 shows the task alone and needs no data',
      default: 2,
      min: 0,
      max: 1000,
    }),
    model: string({description: 'checkpoint whose tokenizer reads the prompts', helpValue: '<model>'}),
    data: string({description: 'a file in the task’s own format', helpValue: '<file>'}),
    split: string({description: 'split of the data; the task’s own by default'}),
    chat: boolean({
      description: 'use the checkpoint’s chat template; the task’s own choice by default',
      allowNo: true,
    }),
    truncation: string({description: 'where a prompt that is too long is cut', options: [...SIDES]}),
    'max-tokens': integer({
      description: 'most tokens of a prompt; what the model has room for by default',
      min: 1,
    }),
    judge: string({
      description: 'show the very messages that a judge gets, for this method',
      options: [...METHODS],
    }),
    answer: string({description: 'the answer that is judged there; a reference stands for it by default'}),
    verdict: string({
      description: 'how that judge answers',
      options: ['json', 'likelihood'],
      default: 'json',
    }),
  }

  async run(): Promise<TaskPreview & {readonly judge?: readonly JudgedPreview[]}> {
    const {args, flags} = await this.parse(TaskShow)
    const {previewTask} = await import('../../eval/preview-task.ts')
    const preview = await previewTask({
      task: args.task,
      modelFolder: flags.model === undefined ? undefined : await folderOf(flags.model),
      count: flags.n,
      data: flags.data,
      split: flags.split,
      chat: flags.chat,
      truncation: SIDES.find((side) => side === flags.truncation),
      maxTokens: flags['max-tokens'],
    })
    this.print(page(preview))
    for (const warning of preview.warnings) process.stderr.write(`warning: ${warning}\n`)
    const method = METHODS.find((name) => name === flags.judge)
    if (method === undefined) return preview
    const judge = await judgePreviews(preview, method, flags)
    this.print(judge.map(judgeLines).join('\n'))
    return {...preview, judge}
  }
}

interface JudgedPreview {
  readonly id: string
  /** Empty where a rule scores the answer. */
  readonly questions: readonly ShownQuestion[]
}

/** What a judge would be asked about each prompt that is shown. */
async function judgePreviews(
  {task, prompts}: TaskPreview,
  method: JudgeMethod,
  flags: {readonly answer?: string | undefined; readonly verdict: string},
): Promise<JudgedPreview[]> {
  const [{loadJudgePrompts}, {itemOf}, {shownMessages}] = await Promise.all([
    import('../../judge/judge-prompt-files.ts'),
    import('../../judge/judged-item.ts'),
    import('../../judge/shown-messages.ts'),
  ])
  const words = await loadJudgePrompts(task.name)
  return prompts.map(({id, prompt, references}, index) => {
    const answer = flags.answer ?? references[0] ?? ''
    const item = itemOf({task: task.name, id, index, prompt, answer, references}, words.task)
    const verdict = flags.verdict === 'likelihood' ? 'likelihood' : 'json'
    return {id, questions: shownMessages({...item, otherAnswer: answer}, method, verdict, words)}
  })
}

function judgeLines({id, questions}: JudgedPreview): string {
  if (questions.length === 0) return `\n=== judge, id ${id}: scored by rule, nothing is asked`
  return questions
    .flatMap(({step, messages}) => [
      '',
      `=== judge, id ${id}: ${step}`,
      ...messages.flatMap(({role, content}) => [`--- ${role}`, content]),
    ])
    .join('\n')
}

async function folderOf(model: string): Promise<string> {
  const {resolveModel} = await import('../../inference/resolve-model.ts')
  const {pullModel} = await import('../../cli/pull-model.ts')
  return (await resolveModel(model, pullModel())).folder
}

function page({task, split, files, prompts, bad, shortcuts}: TaskPreview): string {
  const {prompt} = task
  return [
    `${task.name} (version ${task.version}): ${task.title}`,
    task.description,
    ...(files.length === 0 ? [] : [`data      ${split}: ${files.join(', ')}`]),
    `origin    ${task.origin}`,
    `licence   ${task.licence}`,
    `template  ${JSON.stringify(prompt.template)}`,
    `metrics   ${task.metrics.join(', ')}; ${task.primary} stands for the task`,
    `answers   at most ${task.maxNewTokens} tokens, chat template ${prompt.chat}, ${prompt.truncate.field} may be cut (${prompt.truncate.side})`,
    ...task.notes.map((note) => `note      ${note}`),
    ...shortcuts.map(shortcutLine),
    ...prompts.flatMap((one, place) => ['', ...lines(one, place)]),
    ...bad.map(({id, error}) => `bad row   ${id}: ${error}`),
  ].join('\n')
}

/** What answering without doing the task scores: a policy of the program, not a model. */
function shortcutLine({title, isCeiling, scores, missing}: TaskPreview['shortcuts'][number]): string {
  const values = Object.entries(scores).map(
    ([id, value]) => `${id} ${value.toFixed(id.startsWith('rouge') ? 4 : 2)}`,
  )
  return `${isCeiling ? 'ceiling ' : 'shortcut'}  ${title}: ${missing ?? values.join(', ')}`
}

function lines({id, prompt, references, tokens}: TaskPreview['prompts'][number], place: number): string[] {
  const answers = [...new Set(references)].map((text) => {
    const times = references.filter((other) => other === text).length
    return `${JSON.stringify(text)}${times > 1 ? ` (${times} times)` : ''}`
  })
  if (answers.length === 0) answers.push('none: the question has no answer')
  return [
    `--- prompt ${place + 1}, id ${id}`,
    prompt,
    '---',
    ...(tokens === undefined
      ? [`length    ${prompt.length} characters`]
      : [
          `length    ${tokens.count} tokens, ${tokens.truncated} cut`,
          `begins    ${tokens.first.map((token, index) => `${token} ${JSON.stringify(tokens.firstTexts[index])}`).join(', ')}`,
          `ends      ${tokens.last.join(', ')}`,
        ]),
    `reference ${answers.join('\n          ')}`,
  ]
}
