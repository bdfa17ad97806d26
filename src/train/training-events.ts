import type {RowsAside} from './examples.ts'
import type {TrainingLogLine} from './training-log.ts'

/** What a training tells while it goes on; the trainer itself prints nothing. */
export type TrainingEvent =
  | {
      readonly kind: 'opened'
      readonly parameters: number
      readonly tasks: readonly {
        readonly task: string
        /** Rows to learn, how many come in an epoch, and what is left out or cut. */
        readonly examples: number
        readonly inEpoch: number
        readonly aside: RowsAside
        /** The same of the rows that are evaluated. */
        readonly evaluated: number
        readonly evaluatedAside: RowsAside
      }[]
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
  | {readonly kind: 'ended'; readonly line: Extract<TrainingLogLine, {kind: 'ended'}>}

export type OnTrainingEvent = (event: TrainingEvent) => void
