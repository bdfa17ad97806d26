/** What happens while runs are judged; the runner itself never prints. */
export type JudgeEvent =
  | {readonly kind: 'started'; readonly folder: string; readonly method: string; readonly samples: number}
  | {readonly kind: 'sample'; readonly isJudged: boolean}
  | {readonly kind: 'note'; readonly text: string}

export type OnJudgeEvent = (event: JudgeEvent) => void
