import {readFile} from 'node:fs/promises'
import {z} from 'zod'
import {writeAtomically} from '../store/atomic-file.ts'

/** Time that went into the weights as they are; steps that a kill took back are not in it. Differs from run to run. */
const timeSchema = z.object({
  step: z.int().nonnegative(),
  /** Wall clock of steps: teacher, drawn answers and optimizer included. */
  stepSeconds: z.number().nonnegative(),
  /** Wall clock of evaluations. */
  evaluationSeconds: z.number().nonnegative(),
  /** Processor time of both, all threads together: comparable where other programs ran beside. */
  cpuSeconds: z.number().nonnegative(),
  threads: z.int().positive(),
})
export type TrainingTime = z.output<typeof timeSchema>

export interface Clocks {
  /** Milliseconds from any fixed point. */
  readonly nowMs: () => number
  /** Processor milliseconds of this process from any fixed point. */
  readonly cpuMs: () => number
}

/** Adds up where a training's time goes; kept beside the state, since equal trainings have equal states. */
export class TrainingClock {
  readonly #file: string
  readonly #clocks: Clocks
  #time: TrainingTime

  private constructor(file: string, clocks: Clocks, time: TrainingTime) {
    this.#file = file
    this.#clocks = clocks
    this.#time = time
  }

  /** Goes on from the file where there is one that can be read. */
  static async open(file: string, threads: number, clocks: Clocks): Promise<TrainingClock> {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    const before = text === undefined ? undefined : timeSchema.safeParse(asJson(text)).data
    const none = {step: 0, stepSeconds: 0, evaluationSeconds: 0, cpuSeconds: 0}
    return new TrainingClock(file, clocks, {...none, ...before, threads})
  }

  get time(): TrainingTime {
    return this.#time
  }

  /** Runs the work and adds what it took. */
  async measure<Result>(
    what: 'stepSeconds' | 'evaluationSeconds',
    work: () => Promise<Result>,
  ): Promise<Result> {
    const {nowMs, cpuMs} = this.#clocks
    const [start, cpuStart] = [nowMs(), cpuMs()]
    const result = await work()
    this.#time = {
      ...this.#time,
      [what]: this.#time[what] + (nowMs() - start) / 1000,
      cpuSeconds: this.#time.cpuSeconds + (cpuMs() - cpuStart) / 1000,
    }
    return result
  }

  async save(step: number): Promise<void> {
    this.#time = {...this.#time, step}
    await writeAtomically(this.#file, `${JSON.stringify(this.#time)}\n`)
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
