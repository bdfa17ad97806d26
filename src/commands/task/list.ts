import {BaseCommand} from '../../cli/base-command.ts'

interface ListedTask {
  readonly name: string
  readonly title: string
  readonly version: number
  readonly split: string
  readonly metrics: readonly string[]
  readonly primary: string
  readonly licence: string
}

export default class TaskList extends BaseCommand {
  static override summary = 'List the tasks that come with the program.'
  static override description =
    'A task is a YAML file: a path to one of your own works wherever a name does (docs/design/tasks.md).'
  static override examples = ['<%= config.bin %> task list', '<%= config.bin %> task list --json']

  async run(): Promise<{readonly tasks: readonly ListedTask[]}> {
    await this.parse(TaskList)
    const {loadTask, taskNames} = await import('../../tasks/load-task.ts')
    const tasks: ListedTask[] = []
    for (const named of await taskNames()) {
      const {name, title, version, source, metrics, primary, licence} = await loadTask(named)
      tasks.push({name, title, version, split: source.split, metrics, primary, licence})
    }
    const width = Math.max(...tasks.map(({name}) => name.length))
    for (const {name, title, metrics} of tasks)
      this.print(`${name.padEnd(width)}  ${title} (${metrics.join(', ')})`)
    return {tasks}
  }
}
