import {string as text} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import type {PullOptions} from '../../data/pull-split.ts'
import type {PulledData} from '../../tasks/pull-task.ts'

/** Between two lines of progress. */
const PROGRESS_MS = 5000

export default class DataPull extends BaseCommand {
  static override summary = 'Download the public data of a task, by revision, resumable, checked by digest.'
  static override description =
    `Files go to the cache (SLM_CACHE, by default ~/.cache/slm) with a manifest of their digests. A pull that was cut off goes on where it stopped.
HF_TOKEN is sent to the hub alone; HF_ENDPOINT names a mirror of the hub.`
  static override examples = [
    '<%= config.bin %> data pull squad',
    '<%= config.bin %> data pull codex --split train',
    '<%= config.bin %> data pull xsum --revision refs/convert/parquet --endpoint https://mirror.example',
  ]
  static override args = {
    task: text({description: 'name of a task, or the path of its YAML', required: true}),
  }
  static override flags = {
    split: string({description: 'split to download; the task’s own by default'}),
    revision: string({description: 'branch, tag or commit; the task’s own by default'}),
    endpoint: string({description: 'server to download from instead of the set’s own', helpValue: '<url>'}),
  }

  async run(): Promise<PulledData> {
    const {args, flags} = await this.parse(DataPull)
    const [{pullTask}, {cacheFolderFromEnvironment}] = await Promise.all([
      import('../../tasks/pull-task.ts'),
      import('../../data/cache-folder.ts'),
    ])
    const pulled = await pullTask({
      task: args.task,
      ...flags,
      cacheFolder: cacheFolderFromEnvironment(),
      hubEndpoint: process.env['HF_ENDPOINT'],
      hubToken: process.env['HF_TOKEN'],
      ...progress(),
    })
    for (const {path, bytes, sha256} of pulled.files)
      this.print(`${path}  ${bytes.toLocaleString('en')} bytes  sha256 ${sha256}`)
    if (pulled.kind === 'pulled') this.print(`licence: ${pulled.licence}`)
    else this.print(`${pulled.task} comes with the program: nothing to download.`)
    return pulled
  }
}

/** Plain lines on stderr: one for each file, then one every few seconds. */
function progress(): Required<Pick<PullOptions, 'onFile' | 'onBytes'>> {
  let path = ''
  let last = Date.now()
  return {
    onFile: (file, state) => {
      path = file.path
      last = Date.now()
      process.stderr.write(`${path}: ${state === 'there' ? 'already here' : 'downloading'}\n`)
    },
    onBytes: (done, total) => {
      if (Date.now() - last < PROGRESS_MS) return
      last = Date.now()
      process.stderr.write(
        `${path}: ${megabytes(done)}${total === undefined ? '' : ` of ${megabytes(total)}`} MB\n`,
      )
    },
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
