import type {Miniature} from './miniature.ts'
import {askedPassage, type SquadShape} from './squad-mini.ts'

/** Stands between the answers to several questions. */
const ANSWERS_SEPARATOR = ' ; '
/** What the task has a model say to a question without an answer (`noAnswer`). */
const NO_ANSWER = 'unanswerable'

/**
 * Rows for training that ask all questions of a passage at once: "Q1 Q2" is answered by "a1 ; a2". One question alone
 * is a row as test has it. A passage that has no place for `questions[0]` of them gives no row.
 */
export function joinedQuestions(shape: SquadShape): Miniature {
  return (split, seed, number) => {
    const {passage, paraphrase, context, questions} = askedPassage(split, seed, number, shape)
    if (questions.length < shape.questions[0]) return []
    const answers = questions.map(({answer}) => answer)
    const isUnanswerable = questions.length === 1 && answers[0] === undefined
    return [
      {
        id: `squad-mini-${split}-${number}`,
        question: questions.map(({text}) => text).join(' '),
        context,
        answers: isUnanswerable ? [] : [answers.map((answer) => answer ?? NO_ANSWER).join(ANSWERS_SEPARATOR)],
        kinds: questions.map(({kind}) => kind),
        relations: questions.map(({relation}) => relation.id),
        facts: passage.facts.length,
        paraphrase,
      },
    ]
  }
}
