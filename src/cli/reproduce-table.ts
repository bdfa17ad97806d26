import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {html} from '../report/html.ts'
import {latex} from '../report/latex.ts'
import {markdown} from '../report/markdown.ts'
import {terminal} from '../report/terminal.ts'
import {cellResults} from '../reproduce/cell-result.ts'
import {nameTokensNote} from '../reproduce/name-tokens.ts'
import {reproductionPage} from '../reproduce/reproduction-page.ts'
import type {Step} from '../reproduce/step.ts'
import {tableTasks} from '../reproduce/table-tasks.ts'

export interface ReproducedTable {
  /** As a terminal shows it. */
  readonly text: string
  readonly files: readonly string[]
  /** The same for programs. */
  readonly values: readonly object[]
}

/** The table of everything that is evaluated so far, written into the folder; undefined where nothing is. */
export async function reproducedTable(
  config: ReproduceConfig,
  steps: readonly Step[],
): Promise<ReproducedTable | undefined> {
  const results = await cellResults(config, steps)
  if (results.every(({tested}) => tested.length === 0)) return undefined
  const tasks = await tableTasks(config)
  const page = reproductionPage(config, results, tasks, await nameTokensNote(config))
  const folder = join(config.out, 'table')
  await mkdir(folder, {recursive: true})
  const values = results.map((result) => ({
    ...result,
    tested: result.tested.map((tested) => ({...tested, tasks: Object.fromEntries(tested.tasks)})),
  }))
  const text = terminal(page)
  const contents: Readonly<Record<string, string>> = {
    'table.txt': text,
    'table.md': markdown(page),
    'table.tex': latex(page),
    'index.html': html(page),
    'table.json': `${JSON.stringify({cells: values}, null, 2)}\n`,
  }
  const files: string[] = []
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(join(folder, name), content)
    files.push(join(folder, name))
  }
  return {text, files, values}
}
