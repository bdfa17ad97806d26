import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parse} from 'csv-parse/sync'
import {describe, expect, it} from 'vitest'
import {fileDigest} from '../../src/data/file-digest.ts'
import {type CompareOptions, compareRuns} from '../../src/report/compare-runs.ts'
import type {Comparison} from '../../src/report/comparison.ts'
import {FORMATS, formatComparison} from '../../src/report/formats.ts'
import {readRuns} from '../../src/report/read-runs.ts'
import {withShortcutRows} from '../../src/report/shortcut-rows.ts'
import {shortcutSections} from '../../src/report/shortcut-text.ts'
import {recordLine} from '../../src/store/record-line.ts'
import {temporaryFolder, writeRun} from './run-folder.ts'

const TEST = fileURLToPath(new URL('../../data/miniature/squad-mini/test.jsonl', import.meta.url))
const LIMIT = 60

interface Row {
  readonly id: string
  readonly kind: string
  readonly answers: readonly string[]
  readonly sameRelation: readonly string[]
}
const ROWS = readFileSync(TEST, 'utf8')
  .split('\n', LIMIT)
  .map((line) => JSON.parse(line) as Row) // the file is ours

/** A run of squad-mini whose answers are given; scores as `slm eval` writes them. */
async function squadRun(model: string, answerTo: (row: Row) => string, digest?: string): Promise<string> {
  const folder = writeRun(join(temporaryFolder(), model), {
    model,
    tasks: {'squad-mini': ROWS.map(() => 0)},
    task: {
      data: {source: 'lost.jsonl', split: 'test', digest: digest ?? (await fileDigest(TEST))},
      limit: LIMIT,
      metrics: ['rougeL', 'exact', 'shared-exact'].map((id) => ({id, version: 1})),
    },
  })
  const lines = ROWS.map((row, index) => {
    const answer = answerTo(row)
    const isRight = (row.answers[0] ?? '') === answer
    return recordLine({
      status: 'scored',
      task: 'squad-mini',
      id: row.id,
      index,
      prompt: 'prompt',
      promptIds: [1],
      newIds: [2],
      text: answer,
      answer,
      references: row.answers,
      kind: row.kind,
      scores: {
        ...(row.answers.length > 0 ? {rougeL: isRight ? 1 : 0} : {}),
        exact: isRight ? 100 : 0,
        ...(row.kind === 'shared' ? {'shared-exact': isRight ? 100 : 0} : {}),
      },
      finish: 'end-token',
      truncatedTokens: 0,
      timing: {firstTokenMs: 1, totalMs: 2},
    })
  })
  writeFileSync(join(folder, 'samples.jsonl'), lines.join(''))
  return folder
}

const knowing = (): Promise<string> => squadRun('knowing', ({answers}) => answers[0] ?? '')
const guessing = (): Promise<string> => squadRun('guessing', ({sameRelation}) => sameRelation[0] ?? '')

async function compare(folders: readonly string[], options: CompareOptions = {}): Promise<Comparison> {
  return compareRuns(await readRuns(folders), options)
}

describe('shortcuts beside the models', () => {
  it('stand in a group of their own, under the models, with scores of the same rows', async () => {
    const {tables} = await compare([await knowing()])
    const group = tables[0]?.groups.at(-1)
    expect(group?.heading).toBe('Shortcuts: policies that the program computes, not models')
    expect(group?.rows.map(({name, source}) => [name, source])).toEqual([
      ['copy of the input', 'policy'],
      ['most common answer of train', 'policy'],
      ['right relation, random subject', 'policy'],
      ['right subject, random relation', 'policy'],
    ])
    const counted = ROWS.filter(({answers}) => answers.length > 0)
    const expected =
      counted.reduce((sum, {sameRelation}) => sum + 1 / sameRelation.length, 0) / counted.length
    const rl = group?.rows[2]?.scores[0]?.rl
    if (rl?.kind !== 'estimate') throw new Error('the policy has no score')
    expect(rl.estimate.count).toBe(counted.length)
    // A wrong subject's value can share a word with the right one.
    expect(rl.estimate.value).toBeGreaterThanOrEqual(expected)
    expect(rl.estimate.value).toBeLessThan(expected + 0.05)
  })

  it('are beaten by who knows and not by who guesses among the values of the relation', async () => {
    const {shortcuts} = await compare([await knowing(), await guessing()])
    const beaten = (row: string, metric: string): Record<string, boolean | string> =>
      Object.fromEntries(
        shortcuts.verdicts
          .filter((verdict) => verdict.row === row && verdict.metric === metric)
          .map(({policy, outcome}) => [policy, outcome.kind === 'tested' ? outcome.isBeaten : outcome.why]),
      )
    const all = {
      'copy of the input': true,
      'most common answer of train': true,
      'right relation, random subject': true,
      'right subject, random relation': true,
    }
    expect(beaten('knowing', 'rougeL')).toEqual(all)
    expect(beaten('knowing', 'shared-exact')).toEqual(all)
    expect(beaten('guessing', 'shared-exact')).toEqual({
      ...all,
      'right relation, random subject': false,
      'right subject, random relation': false,
    })
  })

  it('decide what may be called question answering', async () => {
    const both = formatComparison(await compare([await knowing(), await guessing()]), 'markdown')
    expect(both).toContain(
      'every shortcut is beaten where only the right subject answers by knowing; the scores of the others are not question answering',
    )
    const one = formatComparison(await compare([await guessing()]), 'markdown')
    expect(one).toContain('no model beats every shortcut where only the right subject answers')
  })

  it.each(FORMATS)('are printed as %s, and exact match where only the subject decides', async (format) => {
    const text = formatComparison(await compare([await knowing()]), format)
    expect(text).toContain('right relation, random subject')
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(/policies|"policy"/)
    expect(text).toContain('shared-exact')
  })

  it('are lines of the CSV with their source, and verdicts with their intervals', async () => {
    const text = formatComparison(await compare([await knowing()]), 'csv')
    const lines: Record<string, string>[] = parse(text, {columns: true})
    const policy = lines.filter(({source, table}) => source === 'policy' && table === 'miniature')
    const cells = policy.filter(({metric, task}) => metric === 'rougeL' && task === 'squad-mini')
    expect(cells).toHaveLength(4)
    const verdicts = lines.filter(({table}) => table === 'shortcut')
    expect(verdicts).toHaveLength(8)
    expect(verdicts.every(({low, verdict}) => Number(low) > 0 && verdict === 'beaten')).toBe(true)
    const detail = lines.find(
      ({table, row, metric}) => table === 'detail' && row === 'knowing' && metric === 'shared-exact',
    )
    expect(detail).toMatchObject({
      value: '100',
      count: String(ROWS.filter(({kind}) => kind === 'shared').length),
    })
  })

  it('that could not be computed are named in two words; why stands in the notes, once for all models', () => {
    const outcome = {kind: 'missing', short: 'not computed', why: 'the data are not on this machine'} as const
    const common = {task: 'codex', metric: 'rougeL', policy: 'most common answer of train', outcome}
    const verdicts = ['a', 'b'].map((row) => ({...common, row}))
    expect(shortcutSections({details: [], verdicts})).toMatchObject([
      {
        lines: [
          'codex: a not compared with most common answer of train (not computed)',
          'codex: b not compared with most common answer of train (not computed)',
        ],
      },
    ])
  })

  it('are not computed on other rows than those of the runs, which a note says', async () => {
    const folder = await squadRun('elsewhere', () => '', '0'.repeat(64))
    const {tables, shortcuts, notes} = await compare([folder])
    expect(tables[0]?.groups.map(({place}) => place)).not.toContain('shortcut')
    expect(shortcuts.verdicts).toEqual([])
    expect(notes.filter((note) => note.startsWith('squad-mini: no shortcuts computed'))).toHaveLength(1)
  })
})

describe('rows of policies', () => {
  it('stand under measured rows, never under those of a publication', async () => {
    const [reading] = await readRuns([await knowing()])
    const {tables} = await compare([await knowing()])
    const measured = tables.map((table) => ({...table, groups: table.groups.slice(0, 1)}))
    const published = measured.map((table) => ({...table, id: 'published' as const}))
    const policy = {title: 'copy', isCeiling: false, scores: {kind: 'missing', why: 'none'}} as const
    const shortcuts = [
      {task: 'squad-mini', metrics: [], policies: [policy], whyMissing: undefined, reading: reading!},
    ]
    expect(withShortcutRows(measured, shortcuts)[0]?.groups.map(({place}) => place)).toContain('shortcut')
    expect(withShortcutRows(published, shortcuts)).toEqual(published)
  })
})

describe('published results of CodeXGLUE', () => {
  it('stand beside the models of codex, marked, with BLEU and accuracy as printed', async () => {
    const folder = writeRun(join(temporaryFolder(), 'codex'), {
      model: 'translator',
      tasks: {codex: [0.5, 0.7]},
      task: {metrics: [{id: 'rougeL', version: 1}], version: 1},
    })
    const {shortcuts} = await compare([folder], {hasPublished: true})
    const theirs = shortcuts.details[0]?.groups.find(({heading}) => heading === 'As published')
    const transformer = theirs?.rows.find(({name}) => name === 'Transformer, published')
    expect(shortcuts.details[0]?.metrics.map(({id}) => id)).toEqual(['bleu', 'accuracy', 'codeBleu'])
    expect(transformer?.cells.slice(0, 2)).toEqual([
      {kind: 'number', value: 55.84},
      {kind: 'number', value: 33},
    ])
    expect(transformer?.cells[2]).toMatchObject({kind: 'missing', short: 'not comparable'})
  })
})
