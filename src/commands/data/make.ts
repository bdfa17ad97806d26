import {string as text} from '@oclif/core/args'
import {boolean, integer, option, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import type {MadeSet} from '../../data/miniature/made-set.ts'
import {SlmError} from '../../errors.ts'

export default class DataMake extends BaseCommand {
  static override summary = 'Write more rows of a miniature, by seed: large sets to train on.'
  static override description =
    `The rows that come with the program are few; a network that sees them often learns them by heart. Rows of the split train never have the names of dev and test. Equal flags give equal bytes, and the first n rows are the same however many are made.
A row of squad-mini asks one question; with --questions it asks several of one passage at once ("Q1 Q2", answered by "a1 ; a2"), from which a network learns faster. Few --facts make easy passages for the first steps.
Train on the file with \`data: {squad-mini: FILE}\` in the training's YAML.`
  static override examples = [
    '<%= config.bin %> data make squad-mini --rows 60000 --seed 7 --questions 1-4 --out squad.jsonl',
    '<%= config.bin %> data make squad-mini --rows 15000 --seed 8 --questions 1-4 --facts 2-3 --out easy.jsonl',
    '<%= config.bin %> data make xsum-mini --rows 40000 --seed 7 --out xsum.jsonl',
  ]
  static override args = {
    set: text({description: 'squad-mini, xsum-mini, codex-mini or ielts-mini', required: true}),
  }
  static override flags = {
    rows: integer({description: 'rows to write', required: true}),
    seed: integer({description: 'seed of the rows; the shipped files have seed 1', required: true}),
    out: string({description: 'JSONL file to write', required: true}),
    split: option({options: ['train', 'dev', 'test'] as const})({
      description: 'whose names and phrases the rows have',
      default: 'train',
    }),
    questions: string({
      description: 'squad-mini: questions that a row asks at once, such as 1-4 (default: one)',
      helpValue: '<n-m>',
    }),
    facts: string({
      description: 'squad-mini: facts of a passage, such as 2-3 (default: 2-8)',
      helpValue: '<n-m>',
    }),
    force: boolean({description: 'write over a file that is there'}),
  }

  async run(): Promise<MadeSet> {
    const {args, flags} = await this.parse(DataMake)
    const {writeMadeSet} = await import('../../data/miniature/made-set.ts')
    const made = await writeMadeSet(
      flags.out,
      {
        set: args.set,
        split: flags.split,
        seed: flags.seed,
        rows: flags.rows,
        questions: rangeOf('questions', flags.questions),
        facts: rangeOf('facts', flags.facts),
      },
      {replace: flags.force ?? false},
    )
    const counts = `${made.rows.toLocaleString('en')} rows, ${made.bytes.toLocaleString('en')} bytes`
    this.print(`${made.path}  ${counts}  sha256 ${made.sha256}`)
    return made
  }
}

/** `3` or `1-4`. */
function rangeOf(flag: string, range: string | undefined): readonly [number, number] | undefined {
  if (range === undefined) return undefined
  const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(range)
  if (match !== null) return [Number(match[1]), Number(match[2] ?? match[1])]
  throw new SlmError('usage', `--${flag} ${range} is no range`, {hint: 'Write it as 3 or 1-4.'})
}
