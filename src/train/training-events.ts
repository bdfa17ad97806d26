import type {TrainingLogLine} from './training-log.ts'

/** What a training tells while it goes on; the trainer itself prints nothing. */
export type TrainingEvent =
  | {
      readonly kind: 'opened'
      readonly parameters: number
      readonly examples: number
      readonly evaluated: number
      /** Rows left out: answers beyond the limit, rows that cannot be read. */
      readonly tooLong: number
      readonly bad: number
      /** Steps done before this start. */
      readonly step: number
      readonly steps: number
    }
  | {
      readonly kind: 'step'
      readonly step: number
      readonly smoothedLoss: number
      readonly tokens: number
      /** Floating-point operations of the step's matrix products. */
      readonly flops: number
      readonly ms: number
    }
  | {readonly kind: 'evaluated'; readonly line: Extract<TrainingLogLine, {kind: 'evaluation'}>}

export type OnTrainingEvent = (event: TrainingEvent) => void
