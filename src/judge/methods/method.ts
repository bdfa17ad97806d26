import type {NotJudged, StoredReply} from '../judge.ts'
import type {JudgePrompts} from '../judge-prompt-files.ts'
import type {TrainedJudge} from '../local/trained-judge.ts'
import type {Question} from '../question.ts'

/** Asks a judge that writes, through cache and budget. */
export type Ask = <Value>(
  question: Question<Value>,
  vote: number,
) => Promise<{readonly status: 'answered'; readonly value: Value; readonly reply: StoredReply} | NotJudged>

/** Probabilities of words, from a judge by likelihood. */
export type Weigh = (
  messages: Question<unknown>['messages'],
  words: readonly string[],
) => Promise<{readonly status: 'answered'; readonly probabilities: readonly number[]} | NotJudged>

/** Cosine of two texts, -1..1. */
export type Similarity = (
  first: string,
  second: string,
) => Promise<{readonly status: 'answered'; readonly cosine: number} | NotJudged>

/** What a method may use; a method that needs what is not there was not chosen. */
export interface Tools {
  readonly prompts: (task: string) => JudgePrompts
  readonly ask?: Ask | undefined
  readonly weigh?: Weigh | undefined
  /** The prompt and words of a judge that was trained to judge, instead of ours. */
  readonly trained?: TrainedJudge | undefined
  readonly similarity?: Similarity | undefined
}
