import type {Baseline, BaselineTask} from './baseline-schema.ts'

/**
 * The bytes of a baseline file: keys in a fixed order, one line for each setting and one for each sample, so that a
 * difference in git shows which samples moved.
 */
export function baselineText(baseline: Baseline): string {
  const {slmBaseline, digest, planDigest, model, tokenizer, seed, device, exact, batching, versions, tasks} =
    baseline
  const head = {slmBaseline, digest, planDigest, model, tokenizer, seed, device, exact, batching, versions}
  const blocks = tasks.map((task) => `    {\n${taskLines(task)}\n    }`)
  return `{\n${settingLines(head, '  ')},\n  "tasks": [\n${blocks.join(',\n')}\n  ]\n}\n`
}

function taskLines({samples, ...settings}: BaselineTask): string {
  const rows = samples.map((row) => `        ${JSON.stringify(row)}`)
  return `${settingLines(settings, '      ')},\n      "samples": [\n${rows.join(',\n')}\n      ]`
}

function settingLines(settings: Readonly<Record<string, unknown>>, indent: string): string {
  return Object.entries(settings)
    .map(([key, value]) => `${indent}${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(',\n')
}
