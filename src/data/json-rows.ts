import {basename} from 'node:path'
import {jsonElements} from './json-elements.ts'
import {isRecord, type SourceRow} from './source-row.ts'
import {isArticle, squadQuestions} from './squad-json.ts'

/** Rows of a JSON document: an array of rows, `{"data": [rows]}`, or the official SQuAD files, one row a question. */
export async function* jsonRows(path: string): AsyncGenerator<SourceRow, void, void> {
  const name = basename(path)
  let number = 0
  for await (const element of jsonElements(path)) {
    const rows =
      element.kind === 'value' && isArticle(element.value) ? squadQuestions(element.value) : [element]
    for (const row of rows) {
      const position = `${name}:${number + 1}`
      if (row.kind === 'bad') yield {kind: 'bad', position, error: row.error}
      else if (isRecord(row.value)) yield {kind: 'row', position, number, values: row.value}
      else yield {kind: 'bad', position, error: 'the element is not an object'}
      number += 1
    }
  }
}
