import {string as text} from '@oclif/core/args'
import {boolean, integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import type {TaskPreview} from '../../eval/preview-task.ts'

const SIDES = ['error', 'left', 'right', 'middle'] as const

export default class TaskShow extends BaseCommand {
  static override summary = 'Show a task and its first prompts, as a model reads them.'
  static override examples = [
    '<%= config.bin %> task show squad-mini',
    '<%= config.bin %> task show squad --data dev-v2.0.json --model ./my-checkpoint --n 3',
    '<%= config.bin %> task show ./riddles.yaml',
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
  }

  async run(): Promise<TaskPreview> {
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
    return preview
  }
}

async function folderOf(model: string): Promise<string> {
  const {resolveModel} = await import('../../inference/resolve-model.ts')
  const {pullModel} = await import('../../cli/pull-model.ts')
  return (await resolveModel(model, pullModel())).folder
}

function page({task, split, files, prompts, bad}: TaskPreview): string {
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
    ...prompts.flatMap((one, place) => ['', ...lines(one, place)]),
    ...bad.map(({id, error}) => `bad row   ${id}: ${error}`),
  ].join('\n')
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
