/** One command of the plan. */
export interface Step {
  /** `tokenizer`, `teacher`, `seed-1/dec-only-kd`, `seed-1/dec-only-kd/evaluation`. */
  readonly id: string
  readonly kind: StepKind
  /** Ids of steps whose outputs it reads. */
  readonly needs: readonly string[]
  /** Digest of everything that decides its outputs. */
  readonly settings: string
  /** Written before the command runs: the command with this file alone gives the same outputs. */
  readonly configFile?: {readonly path: string; readonly text: string}
  /** Words of the command after the program's name; some are known only when earlier steps have run. */
  readonly words: () => Promise<readonly string[]>
  /** Files without which it is not done. */
  readonly outputs: readonly string[]
  /** Set for a training and for what follows from one. */
  readonly training?: StepTraining
}

export type StepKind = 'data' | 'tokenizer' | 'teacher' | 'training' | 'weights' | 'evaluation'

export interface StepTraining {
  /** `teacher`, or the cell's name. */
  readonly cell: string
  /** Folder of the checkpoint. */
  readonly folder: string
  readonly seed: number
  /** The configuration of the training, as written. */
  readonly config: Readonly<Record<string, unknown>>
}
