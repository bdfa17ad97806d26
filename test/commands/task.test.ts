import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {captureOutput} from '@oclif/test'
import {afterAll, afterEach, describe, expect, it} from 'vitest'
import TaskList from '../../src/commands/task/list.ts'
import TaskShow from '../../src/commands/task/show.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/data/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'slm-task-command-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))
afterEach(() => {
  process.exitCode = undefined
})

const show = (...flags: readonly string[]): Promise<{stdout: string; stderr: string}> =>
  captureOutput(() => TaskShow.run([...flags], root))
const squad = (...flags: readonly string[]) => show('squad', '--data', fixture('squad/v2.json'), ...flags)

/** A checkpoint as far as a tokenizer goes: words split at spaces, <s> before every text. */
const WORDS = ['<unk>', '<s>', 'Answer', 'the', 'following']
writeFileSync(
  join(folder, 'tokenizer.json'),
  JSON.stringify({
    version: '1.0',
    added_tokens: [
      {
        id: 1,
        content: '<s>',
        special: true,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
      },
    ],
    normalizer: null,
    pre_tokenizer: {type: 'WhitespaceSplit'},
    post_processor: {
      type: 'TemplateProcessing',
      single: [{SpecialToken: {id: '<s>', type_id: 0}}, {Sequence: {id: 'A', type_id: 0}}],
      pair: [],
      special_tokens: {'<s>': {id: '<s>', ids: [1], tokens: ['<s>']}},
    },
    decoder: null,
    model: {
      type: 'WordLevel',
      unk_token: '<unk>',
      vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    },
  }),
)
const checkpoint = (config: object, tokenizer: object = {}): void => {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify({tokenizer_class: 'PreTrainedTokenizer', unk_token: '<unk>', ...tokenizer}),
  )
}

describe('slm task list', () => {
  it('names the tasks with their metrics', async () => {
    const {stdout} = await captureOutput(() => TaskList.run([], root))
    expect(stdout).toContain('squad          SQuAD 2.0 (rougeL, exact, f1,')
    const json = await captureOutput(() => TaskList.run(['--json'], root))
    expect(JSON.parse(json.stdout).tasks).toContainEqual(
      expect.objectContaining({
        name: 'codex',
        primary: 'rougeL',
        split: 'test',
        metrics: ['rougeL', 'bleu', 'accuracy', 'codeBleu'],
      }),
    )
  })
})

describe('slm task show', () => {
  it('prints real prompts with their references', async () => {
    const {stdout} = await squad('--n', '3')
    expect(stdout).toContain('--- prompt 1, id 56ddde6b9a695914005b9628\nAnswer the following question')
    expect(stdout).toContain('reference "France" (4 times)\n')
    expect(stdout).toContain('reference none: the question has no answer\n')
    expect(stdout).toContain('licence   CC BY-SA 4.0\n')
  })

  it('prints what shortcuts score on the whole split, and what can be expected', async () => {
    const {stdout} = await show('xsum-mini', '--n', '1')
    expect(stdout).toMatch(/^shortcut {2}first sentence of the input: rougeL 0\.0\d+$/m)
    expect(stdout).toMatch(/^ceiling {3}the generator, drawn again \(ceiling\): rougeL 0\.5\d+$/m)
    const {shortcuts} = JSON.parse((await squad('--n', '1', '--json')).stdout)
    const abstain = shortcuts.find(({title}: {readonly title: string}) => title.includes('no answer'))
    expect(abstain.scores).toEqual({rougeL: 0, exact: expect.any(Number)})
  })

  it('prints the first token ids, the length and what is cut, for a model', async () => {
    checkpoint({is_encoder_decoder: true, max_position_embeddings: 40, bos_token_id: 1})
    const {stdout, stderr} = await squad('--n', '1', '--model', folder)
    expect(stdout).toMatch(
      /length {4}40 tokens, \d\d cut\nbegins {4}1 "<s>", 2 "Answer", 3 "the", 4 "following", 0 "<unk>"/,
    )
    expect(stderr).toBe('')
    const preview = JSON.parse((await squad('--n', '1', '--model', folder, '--json')).stdout)
    expect(preview.prompts[0].tokens).toMatchObject({count: 40, first: [1, 2, 3, 4, 0, 0, 0, 0]})
    expect(preview.split).toBe('validation')
  })

  it('keeps room for the answer of a decoder-only model', async () => {
    checkpoint({max_position_embeddings: 100, bos_token_id: 1})
    const {stdout} = await squad('--n', '1', '--model', folder)
    expect(stdout).toContain('length    36 tokens')
    expect((await squad('--n', '1', '--model', folder, '--max-tokens', '30')).stdout).toContain(
      'length    30 tokens',
    )
  })

  it('warns of a beginning token that is there twice, or not at all', async () => {
    checkpoint({bos_token_id: 1}, {chat_template: "<s> <s> {{ messages[0]['content'] }}"})
    expect((await squad('--n', '1', '--model', folder, '--chat')).stderr).toContain(
      'the prompt begins twice with "<s>" (1)',
    )
    checkpoint({bos_token_id: 1}, {chat_template: "{{ messages[0]['content'] }}"})
    expect((await squad('--n', '1', '--model', folder, '--chat')).stderr).toContain(
      'does not begin with "<s>" (1)',
    )
    expect((await squad('--n', '1', '--model', folder)).stderr).toBe('')
  })

  it('shows a task of one’s own, which needs no code', async () => {
    writeFileSync(join(folder, 'riddles.jsonl'), '{"q":"What has {keys} but no locks?","a":["a piano"]}\n')
    writeFileSync(
      join(folder, 'riddles.yaml'),
      `{name: riddles, title: Riddles, version: 1, description: Solve a riddle., origin: made up, licence: CC0, maxNewTokens: 8, metrics: [exact], primary: exact,
        source: {kind: files, splits: {test: [riddles.jsonl]}, split: test}, columns: {fields: {riddle: q}, references: a},
        prompt: {template: "Solve {{this}}: {riddle}\\n", truncate: {field: riddle, side: left}}}`,
    )
    const {stdout} = await show(join(folder, 'riddles.yaml'))
    expect(stdout).toContain('--- prompt 1, id 0\nSolve {this}: What has {keys} but no locks?\n\n---\n')
    expect(stdout).toContain('reference "a piano"')
  })

  it('shows a task without its data when no prompt is asked for', async () => {
    const {stdout, stderr} = await show('xsum', '--n', '0')
    expect(stdout).toContain('template  "Summarize the following article in one sentence.\\n###Article')
    expect(stderr).toBe('')
  })

  it.each([
    [['nonsense'], 'there is no task "nonsense"'],
    [['squad', '--split', 'nonsense'], 'has no split "nonsense"'],
    [['squad', '--data', '/nonsense'], 'the data file /nonsense does not exist'],
    [['xsum', '--data', fixture('ielts/synthetic.csv')], 'no row can be used; synthetic.csv:8'],
    [['squad', '--n', 'many'], 'Expected an integer'],
    [['squad', '--data', fixture('squad/v2.json'), '--model', '/nonsense'], '/nonsense'],
  ])('ends with exit code 2 and one clear error for %j', async (flags, message) => {
    const {stderr, stdout} = await show(...flags)
    expect(process.exitCode).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
    expect(stdout).toBe('')
  })
})
