import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {DEC_ONLY_NETWORK, ENC_DEC_NETWORK, tinyTraining} from '../train/tiny-task.ts'

/** A folder with a task of short words and the YAML of a reproduction that takes seconds. */
export function tinyReproduction(more: Readonly<Record<string, unknown>> = {}) {
  const {folder: rows} = tinyTraining(ENC_DEC_NETWORK)
  const folder = mkdtempSync(join(tmpdir(), 'slm-reproduce-'))
  const config = join(folder, 'reproduce.yaml')
  const out = join(folder, 'out')
  const settings = {
    tasks: [join(rows, 'task.yaml')],
    tokenizer: {size: 262},
    training: {steps: 8, batchSize: 8, saveEvery: 2, logEvery: 1, evaluation: {everySteps: 4, limit: 8}},
    teacher: {network: JSON.parse(DEC_ONLY_NETWORK)},
    models: [
      {name: 'dec-only', network: JSON.parse(DEC_ONLY_NETWORK), training: {sourceLoss: 0.2}},
      {name: 'enc-dec-1-1', network: JSON.parse(ENC_DEC_NETWORK)},
    ],
    test: {rows: 6},
    seeds: 1,
    threads: 1,
    out,
    ...more,
  }
  writeFileSync(config, `${JSON.stringify(settings, null, 1)}\n`)
  return {folder, config, out}
}
