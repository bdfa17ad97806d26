import type {Origins} from '../config/read-config.ts'
import type {RunPreview, TaskPreview} from '../eval/preview-run.ts'
import type {Page} from '../report/page.ts'

/** What `slm eval --dry-run` prints: the plan of each task, then every setting with where it came from. */
export function previewPage(
  preview: RunPreview,
  settings: Readonly<Record<string, unknown>>,
  origins: Origins,
): Page {
  const {tasks, folder, state, batchSize, groupRows} = preview
  return {
    title: `Plan ${preview.planDigest.slice(0, 8)}, nothing was run`,
    sections: [
      {
        kind: 'grid',
        title: '',
        columns: ['task', 'samples', 'unusable', 'prompt tokens', 'cut', 'groups', 'most new tokens'],
        groups: [{heading: '', rows: tasks.map((task) => taskCells(task).map((text) => ({text})))}],
      },
      {
        kind: 'lines',
        title: 'Run',
        lines: [
          `folder ${folder} (${state})`,
          `batch size ${batchSize}; ${groupRows} samples at a time become durable`,
          ...tasks.flatMap(taskLines),
        ],
      },
      {
        kind: 'lines',
        title: 'Settings',
        lines: Object.entries(origins).map(
          ([key, from]) => `${key}: ${JSON.stringify(settings[key])} (${from})`,
        ),
      },
    ],
  }
}

function taskCells({
  task,
  version,
  samples,
  unusable,
  promptTokens,
  truncatedPrompts,
  groups,
  generation,
}: TaskPreview): string[] {
  const lengths =
    promptTokens === undefined
      ? 'none'
      : `${promptTokens.least} to ${promptTokens.most}, median ${promptTokens.median}`
  const {max_new_tokens, max_length} = generation
  const most = max_new_tokens ?? `${max_length} in all`
  return [`${task} v${version}`, samples, unusable, lengths, truncatedPrompts, groups, most].map(String)
}

function taskLines({task, data, chat, truncation, stopStrings, metrics, generation}: TaskPreview): string[] {
  const inForce = Object.entries(generation).filter(([, value]) => value !== null)
  return [
    `${task}: data ${data.source} (split ${data.split}, sha256 ${data.digest.slice(0, 12)})`,
    `${task}: chat template ${chat ? 'yes' : 'no'}; too long: ${truncation}; stops ${JSON.stringify(stopStrings)}; metrics ${metrics.join(', ')}`,
    `${task}: ${inForce.map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(', ')}`,
  ]
}
