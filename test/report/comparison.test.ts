import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parse} from 'csv-parse/sync'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type CompareOptions, compareRuns} from '../../src/report/compare-runs.ts'
import type {Comparison} from '../../src/report/comparison.ts'
import {FORMAT_FILES, FORMATS, type Format, formatComparison} from '../../src/report/formats.ts'
import {readRuns} from '../../src/report/read-runs.ts'
import type {ScoreRow} from '../../src/report/score-table.ts'
import {type RunDraft, temporaryFolder, writeRun} from './run-folder.ts'

const runs = fileURLToPath(new URL('../fixtures/runs/', import.meta.url))
const FIXTURES = [join(runs, 'small-enc-dec'), join(runs, 'small-dec-only')]

async function compare(folders: readonly string[], options: CompareOptions = {}): Promise<Comparison> {
  return compareRuns(await readRuns(folders), options)
}

async function compareDrafts(drafts: readonly RunDraft[], options: CompareOptions = {}): Promise<Comparison> {
  const root = temporaryFolder()
  return compare(
    drafts.map((draft, index) => writeRun(join(root, `run-${index}`), draft)),
    options,
  )
}

function rowsOf({tables}: Comparison): ScoreRow[] {
  return tables.flatMap((table) => table.groups.flatMap((group) => group.rows))
}

async function textOf(
  drafts: readonly RunDraft[],
  format: Format = 'terminal',
  options: CompareOptions = {},
) {
  return formatComparison(await compareDrafts(drafts, options), format)
}

describe('a comparison of two finished runs', () => {
  it.each(FORMATS)('prints as %s as before', async (format) => {
    const text = formatComparison(await compare(FIXTURES), format)
    await expect(text).toMatchFileSnapshot(`./snapshots/measured-${FORMAT_FILES[format]}.snap`)
  })

  it.each(FORMATS)('prints with the published rows as %s as before', async (format) => {
    const text = formatComparison(await compare(FIXTURES, {hasPublished: true}), format)
    await expect(text).toMatchFileSnapshot(`./snapshots/published-${FORMAT_FILES[format]}.snap`)
  })

  it.each(FORMATS)('gives the same bytes as %s whatever the order of the folders', async (format) => {
    const turned = formatComparison(await compare([...FIXTURES].reverse()), format)
    expect(turned).toBe(formatComparison(await compare(FIXTURES), format))
  })

  it('counts a folder that is named twice once', async () => {
    expect(await compare([...FIXTURES, FIXTURES[0]!, `${FIXTURES[0]!}/`])).toEqual(await compare(FIXTURES))
  })

  it('computes from the records, not from summary.json', async () => {
    const [row] = rowsOf(await compareDrafts([{model: 'm', tasks: {xsum: [0.25, 0.75]}}]))
    expect(row?.scores[0]?.rl).toMatchObject({kind: 'estimate', estimate: {value: 0.5, count: 2}})
  })
})

describe('rows', () => {
  const tasks = {xsum: [0.2, 0.3]}

  it('stand in the group and under the name that the paper has for them', async () => {
    const comparison = await compareDrafts([
      {model: 'a', card: {encoderLayers: 10, decoderLayers: 20, training: 'kd'}, tasks},
      {model: 'b', card: {encoderLayers: 20, decoderLayers: 10, training: 'seq2seq'}, tasks},
      {model: 'c', card: {encoderLayers: 6, decoderLayers: 6}, tasks},
      {model: 'd', architecture: 'dec-only', card: {training: 'kd'}, tasks},
      {model: 'e', architecture: 'dec-only', tasks},
      {model: 'f', architecture: 'dec-only', card: {training: 'teacher'}, tasks},
      {model: 'g', card: {encoderLayers: 2, decoderLayers: 2, training: 'untrained'}, tasks},
    ])
    const shown = comparison.tables[0]!.groups.map(({heading, rows}) => [
      heading,
      ...rows.map(({name}) => name),
    ])
    expect(shown).toEqual([
      ['', 'teacher: f'],
      ['Decoder-only', 'KD: d', 'e'],
      ['Encoder-Decoder (Seq2Seq)', '2/3-1/3: b'],
      ['Encoder-Decoder (KD)', '1/3-2/3: a'],
      ['Encoder-Decoder (untrained, or training not stated)', '1/2-1/2: c', '1/2-1/2: g (untrained)'],
    ])
  })

  it('of one name and other files or another dtype are told apart', async () => {
    const comparison = await compareDrafts([
      {model: 'm', tasks},
      {model: 'm', dtype: 'q4', tasks},
      {model: '/a/b/same', tasks},
      {model: '/a/c/same', tasks},
    ])
    expect(rowsOf(comparison).map(({name}) => name)).toEqual([
      'm',
      'm q4',
      expect.stringMatching(/^same \(files [0-9a-f]{8}\)$/),
      expect.stringMatching(/^same \(files [0-9a-f]{8}\)$/),
    ])
  })

  it('never show where on the disk a model lay', async () => {
    expect(await textOf([{model: '/home/someone/models/t5-small', tasks}], 'json')).not.toContain('someone')
  })

  it('of runs in one plan join over their folders', async () => {
    const comparison = await compareDrafts([
      {model: 'm', tasks: {xsum: [0.2]}},
      {model: 'm', tasks: {squad: [0.4]}},
    ])
    expect(rowsOf(comparison).map(({scores}) => scores.map(({rl}) => rl.kind))).toEqual([
      ['estimate', 'estimate'],
    ])
  })
})

describe('the average', () => {
  it('is the plain mean of the four tasks, however many samples each has', async () => {
    const [row] = rowsOf(
      await compareDrafts([
        {model: 'm', tasks: {squad: [0, 0, 0, 0], ielts: [0.4], codex: [0.8, 0.8], xsum: [0.4]}},
      ]),
    )
    expect(row?.average.rl).toEqual({kind: 'estimate', estimate: {value: 0.4, low: 0.4, high: 0.4, count: 8}})
  })

  const BOTH = {'squad-mini': [0, 0], 'ielts-mini': [0.4], codex: [0.8], 'xsum-mini': [0.4]}

  it('is there where public tasks and miniatures fill the four columns together, as by default', async () => {
    const comparison = await compareDrafts([{model: 'm', tasks: BOTH}], {hasPublished: true})
    expect(comparison.tables.map(({id, tasks: columns}) => [id, columns])).toEqual([
      ['mixed', ['squad-mini', 'ielts-mini', 'codex', 'xsum-mini']],
      ['published', ['squad', 'ielts', 'codex', 'xsum']],
    ])
    const rows = comparison.tables[0]!.groups.flatMap((group) => group.rows)
    expect(rows.filter(({source}) => source === 'published')).toEqual([])
    expect(rows[0]?.average.rl).toMatchObject({estimate: {value: 0.4, count: 5}})
    expect(comparison.notes.join()).toContain('says nothing about published averages')
  })

  it('is not of a column that is filled twice', async () => {
    const {tables} = await compareDrafts([{model: 'm', tasks: {...BOTH, 'codex-mini': [0.6]}}])
    expect(tables.map(({id, tasks: columns}) => [id, columns])).toEqual([
      ['paper', ['codex']],
      ['miniature', ['squad-mini', 'ielts-mini', 'codex-mini', 'xsum-mini']],
    ])
  })

  it('is missing while a task is missing, and names it', async () => {
    const [row] = rowsOf(await compareDrafts([{model: 'm', tasks: {squad: [1], codex: [1], xsum: [1]}}]))
    expect(row?.average.rl).toEqual({
      kind: 'missing',
      short: 'incomplete',
      why: 'the average needs ielts too',
    })
  })
})

describe('a missing cell says why', () => {
  const cases: readonly [string, RunDraft, string, string][] = [
    [
      'unfinished run',
      {model: 'm', tasks: {xsum: [0.5]}, isFinished: false},
      'unfinished',
      'the run stopped after 1 samples',
    ],
    [
      'missing shards',
      {model: 'm', tasks: {xsum: [0.5]}, missingShards: [2, 3]},
      'unfinished',
      'merged without shards 2, 3',
    ],
    [
      'nothing scored',
      {model: 'm', tasks: {xsum: ['failed', 'failed']}},
      'no scores',
      'all 2 samples failed',
    ],
    [
      'no references',
      {model: 'm', tasks: {squad: ['no-reference']}},
      'no scores',
      'none of 1 samples counts for rougeL',
    ],
    [
      'other metrics',
      {model: 'm', tasks: {xsum: [0.5]}, task: {metrics: [{id: 'bleu', version: 1}]}},
      'not scored',
      'xsum was run without the metric rougeL',
    ],
  ]
  it.each(cases)('%s', async (_, draft, short, why) => {
    const comparison = await compareDrafts([draft])
    expect(rowsOf(comparison)[0]?.scores[0]?.rl).toMatchObject({
      kind: 'missing',
      short,
      why: expect.stringContaining(why),
    })
    expect(comparison.notes.join('\n')).toContain(why)
  })

  it('not run', async () => {
    const comparison = await compareDrafts([
      {model: 'a', tasks: {xsum: [0.5], squad: [0.5]}},
      {model: 'b', tasks: {xsum: [0.5]}},
    ])
    expect(comparison.notes).toContain('squad of b: not run, squad was not run with this model')
  })

  it('a model that did not load', async () => {
    const comparison = await compareDrafts([{model: 'a', tasks: {xsum: [0.5]}}], {
      failed: [
        {name: 'broken', architecture: 'enc-dec', tasks: ['xsum'], why: 'encoder_model.onnx is missing'},
      ],
    })
    expect(comparison.notes).toContain('xsum of broken: failed, encoder_model.onnx is missing')
    expect(formatComparison(comparison, 'csv')).toContain('failed: encoder_model.onnx is missing')
  })

  it('in every line of the CSV file without a value', async () => {
    const text = await textOf([{model: 'a', tasks: {xsum: [0.5], squad: ['failed']}}], 'csv')
    const lines = parse(text, {columns: true}) as Record<string, string>[]
    expect(lines.filter((line) => line['value'] === '' && line['why'] === '')).toEqual([])
    expect(lines.filter((line) => line['value'] === '')).not.toEqual([])
  })
})

describe('rows of other conditions', () => {
  const plain: RunDraft = {model: 'a', tasks: {xsum: [0.5, 0.6]}}
  const generation = {max_new_tokens: 64, num_beams: 1, do_sample: false, temperature: 1, top_k: 50}
  const changes: readonly [string, RunDraft, string][] = [
    ['task version', {...plain, model: 'b', task: {version: 2}}, 'task version: 2, there 1'],
    ['rows', {...plain, model: 'b', task: {limit: 20}}, 'rows: first 20, there all'],
    [
      'data',
      {...plain, model: 'b', task: {data: {source: 's', split: 'test', digest: '0'.repeat(64)}}},
      'data: 000000000000, there',
    ],
    ['prompt', {...plain, model: 'b', task: {promptDigest: '1'.repeat(64)}}, 'prompt: 111111111111, there'],
    ['chat template', {...plain, model: 'b', task: {chat: true}}, 'chat template: yes, there no'],
    ['decoding', {...plain, model: 'b', task: {generation}}, 'max_new_tokens: 64, there 32'],
  ]
  it.each(changes)('are refused by name: %s', async (_, other, named) => {
    await expect(compareDrafts([plain, other])).rejects.toMatchObject({
      code: 'rows-not-comparable',
      message: expect.stringContaining(named),
      hint: expect.stringContaining('--allow-mixed'),
    })
  })

  it.each(changes)('are marked and noted when asked for: %s', async (_, other, named) => {
    const comparison = await compareDrafts([plain, other], {isMixingAllowed: true})
    const text = formatComparison(comparison, 'terminal')
    expect(text).toMatch(/0\.55\/not judged\*/)
    expect(comparison.notes.join('\n')).toContain(
      `* xsum of b was run under other conditions than its column: ${named}`,
    )
  })

  it('may differ in what names tokens and in settings that greedy search does not read', async () => {
    const other = {
      max_new_tokens: 32,
      num_beams: 1,
      do_sample: false,
      temperature: 0.5,
      top_k: 3,
      eos_token_id: [7],
    }
    await expect(
      compareDrafts([plain, {...plain, model: 'b', task: {generation: other}}]),
    ).resolves.toBeDefined()
  })

  it('are no pair for a test', async () => {
    const decOnly: RunDraft = {...plain, model: 'b', architecture: 'dec-only', task: {version: 2}}
    const comparison = await compareDrafts([plain, decOnly], {isMixingAllowed: true})
    expect(comparison.duels[0]?.differences[0]?.outcome).toEqual({
      kind: 'missing',
      why: 'conditions differ (task version: 1, there 2)',
    })
  })
})

describe('what is refused', () => {
  it('the same task of the same model under the same conditions twice', async () => {
    const draft: RunDraft = {model: 'a', tasks: {xsum: [0.5]}}
    await expect(compareDrafts([draft, draft])).rejects.toMatchObject({code: 'run-twice'})
  })

  it('a shard', async () => {
    const draft: RunDraft = {model: 'a', tasks: {xsum: [0.5]}, shard: {index: 1, count: 2}}
    await expect(compareDrafts([draft])).rejects.toMatchObject({
      code: 'run-is-shard',
      hint: expect.stringContaining('slm merge'),
    })
  })

  it('a folder that holds no run', async () => {
    await expect(readRuns([temporaryFolder()])).rejects.toMatchObject({code: 'run-missing'})
  })
})

describe('which is better', () => {
  const values = Array.from({length: 40}, (_, index) => (index % 20) / 40)
  const encDec = (shift: number, card = {}): RunDraft => ({
    model: 'e',
    card: {parameters: 1_000_000, ...card},
    tasks: {xsum: values.map((value, index) => value + shift + (index % 3) / 100)},
  })
  const decOnly: RunDraft = {
    model: 'd',
    architecture: 'dec-only',
    card: {parameters: 1_005_000},
    tasks: {xsum: values},
  }

  it('names the winner with size, interval, count and p', async () => {
    expect(await textOf([encDec(0.1), decOnly])).toMatch(
      /xsum: enc-dec better by 0\.110 \[0\.10\d, 0\.11\d\], n=40, p[<=]0\.0001/,
    )
    expect(await textOf([encDec(-0.1), decOnly])).toMatch(
      /xsum: dec-only better by 0\.090 \[0\.08\d, 0\.09\d\], n=40, p[<=]0\.0001/,
    )
  })

  it('says that no difference is shown where there is none', async () => {
    expect(await textOf([encDec(-0.01), decOnly])).toMatch(
      /xsum: no difference shown: enc-dec minus dec-only 0\.000 \[-0\.00\d, 0\.00\d\], n=40, p=/,
    )
  })

  it('turns its sign when the roles turn', async () => {
    const turned: RunDraft = {...encDec(0.1), architecture: 'dec-only'}
    const there = await compareDrafts([encDec(0.1), decOnly])
    const back = await compareDrafts([{...decOnly, architecture: 'enc-dec'}, turned])
    const [a, b] = [there, back].map(({duels}) => duels[0]!.differences[0]!.outcome)
    expect(a).toMatchObject({kind: 'tested', better: 'enc-dec'})
    expect(b).toMatchObject({kind: 'tested', better: 'dec-only'})
  })

  it('leaves out samples that only one of the two scored, and counts them', async () => {
    const some: RunDraft = {...decOnly, tasks: {xsum: ['failed', ...values.slice(1)]}}
    expect(await textOf([encDec(0.1), some])).toContain('(left out for want of a partner: 1)')
  })

  it('warns where sizes are not matched within 1%', async () => {
    const warning = async (parameters: number): Promise<readonly string[]> =>
      (await compareDrafts([encDec(0, {parameters}), decOnly])).duels[0]!.warnings
    expect(await warning(1_000_000)).toEqual([])
    expect(await warning(1_100_000)).toEqual([
      'Warning: sizes are not matched within 1%: the encoder-decoder model has 9.5% more parameters',
    ])
    expect(await warning(500_000)).toEqual([
      'Warning: sizes are not matched within 1%: the encoder-decoder model has 50.2% fewer parameters',
    ])
  })

  it('warns where both models are untrained', async () => {
    const comparison = await compareDrafts([
      encDec(0, {training: 'untrained'}),
      {...decOnly, card: {parameters: 1_000_000, training: 'untrained'}},
    ])
    expect(comparison.duels[0]?.warnings).toEqual([
      'Warning: both models are untrained, so this says nothing about the architectures',
    ])
  })

  it('sets models of the same training against each other', async () => {
    const of = (model: string, architecture: 'enc-dec' | 'dec-only', training: string): RunDraft => ({
      model,
      architecture,
      card: {training},
      tasks: {xsum: [0.1, 0.2]},
    })
    const {duels} = await compareDrafts([
      of('e1', 'enc-dec', 'seq2seq'),
      of('e2', 'enc-dec', 'kd'),
      of('d1', 'dec-only', 'seq2seq'),
      of('d2', 'dec-only', 'kd'),
      of('t', 'dec-only', 'teacher'),
    ])
    expect(duels.map(({encDec, decOnly}) => [encDec, decOnly])).toEqual([
      ['e1', 'Seq2Seq: d1'],
      ['e2', 'KD: d2'],
    ])
  })
})

describe('text from outside', () => {
  const names = fc.oneof(
    fc.string({unit: 'binary', minLength: 1, maxLength: 20}),
    fc.constantFrom(
      '=1+1',
      '+cmd',
      '-2',
      '@SUM(A1)',
      '\t=1',
      '<img src=x onerror=alert(1)>',
      'a|b',
      '\u001b[2J',
      '\\def',
    ),
  )

  it('never begins a CSV cell with what a spreadsheet runs', async () => {
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const text = await textOf([{model: name, tasks: {xsum: [0.1]}}], 'csv')
        for (const record of parse(text) as string[][])
          for (const cell of record) expect(cell).not.toMatch(/^[=+@\t\r]|^-(?!\d)/)
      }),
      {numRuns: 40},
    )
  })

  it('never breaks JSON or the count of CSV columns', async () => {
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const comparison = await compareDrafts([{model: name, tasks: {xsum: [0.1]}}])
        expect(JSON.parse(formatComparison(comparison, 'json'))).toHaveProperty('tables')
        expect(parse(formatComparison(comparison, 'csv'))).toHaveLength(5)
      }),
      {numRuns: 40},
    )
  })
})
