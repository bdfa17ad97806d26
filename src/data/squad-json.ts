import type {JsonElement} from './json-elements.ts'
import {isRecord} from './source-row.ts'

/** One article of the official SQuAD 1.1 and 2.0 files: `{"title", "paragraphs": [{"context", "qas": [...]}]}`. */
export interface SquadArticle {
  readonly title?: unknown
  readonly paragraphs: readonly unknown[]
}

export function isArticle(value: unknown): value is SquadArticle {
  return isRecord(value) && Array.isArray(value['paragraphs'])
}

/**
 * The article's questions as rows with the hub's columns `id, title, context, question, answers {text, answer_start}`.
 * SQuAD 2.0 marks an unanswerable question with `is_impossible` and an empty list; 1.1 has no mark and always answers.
 */
export function* squadQuestions(article: SquadArticle): Generator<JsonElement, void, void> {
  for (const paragraph of article.paragraphs) {
    if (!isRecord(paragraph) || !Array.isArray(paragraph['qas'])) {
      yield {kind: 'bad', error: 'a paragraph without the list "qas"'}
      continue
    }
    for (const question of paragraph['qas'] as readonly unknown[]) {
      if (!isRecord(question)) yield {kind: 'bad', error: 'an element of "qas" is not an object'}
      else yield {kind: 'value', value: rowOf(question, paragraph['context'], article.title)}
    }
  }
}

function rowOf(question: Record<string, unknown>, context: unknown, title: unknown): Record<string, unknown> {
  const listed: unknown = question['answers']
  // `plausible_answers` is what crowd workers would have said of an unanswerable question: never a reference.
  const answers = Array.isArray(listed)
    ? {
        text: listed.map((answer: unknown) => (isRecord(answer) ? answer['text'] : answer)),
        answer_start: listed.map((answer: unknown) =>
          isRecord(answer) ? answer['answer_start'] : undefined,
        ),
      }
    : listed
  return {id: question['id'], title, context, question: question['question'], answers}
}
