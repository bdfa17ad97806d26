import type {Metric} from '../metric.ts'
import {type CodeLanguage, GRAMMARS, keywordsOf} from './code-language.ts'
import {matchedFlows, normalisedFlows} from './data-flow-match.ts'
import {FLOW_RULES} from './flow-rules.ts'
import {nGramMatch, precisionStatistics, recallStatistics} from './n-gram-match.ts'
import {openParser} from './open-parser.ts'
import {stripComments} from './strip-comments.ts'
import type {ParseCode, SyntaxTree} from './syntax-tree.ts'

/**
 * CodeBLEU (Ren et al. 2020, arXiv 2009.10297) as CodeXGLUE's `calc_code_bleu.py` computes it, with the grammars of today: a
 * quarter each of n-gram match, weighted n-gram match, syntax match and data-flow match, all over the whole corpus.
 *
 * The two n-gram parts equal the script's. Syntax and data flow depend on the grammar's version, and the script's
 * is of 2020: values are comparable among themselves, not with published ones (docs/design/metrics.md says by how much).
 * Where the script divides by zero (no data flow in any reference) that part is 0.
 */
export async function codeBleu(language: CodeLanguage): Promise<Metric> {
  const parse = await openParser(language)
  const keywords = keywordsOf(language)
  const grammar = GRAMMARS[language]
  return {
    id: language === 'java' ? 'codeBleu-java' : 'codeBleu',
    version: 1,
    scale: 100,
    source: `CodeXGLUE calc_code_bleu.py, grammar ${grammar.package} ${grammar.version} (not comparable with values of other grammars)`,
    statistics: (prediction, references) =>
      references.length === 0
        ? undefined
        : [
            ...precisionStatistics(prediction, references),
            ...recallStatistics(prediction, references, keywords),
            ...treeStatistics(prediction, references, parse, language),
          ],
    value: (sums) => {
      const [subtrees = 0, allSubtrees = 0, flows = 0, allFlows = 0] = sums.slice(20)
      const parts = [
        nGramMatch(sums.slice(0, 10)),
        nGramMatch(sums.slice(10, 20)),
        allSubtrees === 0 ? 0 : subtrees / allSubtrees,
        allFlows === 0 ? 0 : flows / allFlows,
      ]
      return 100 * parts.reduce((sum, part) => sum + 0.25 * part, 0)
    },
  }
}

/** Subtrees of the references that the prediction has, all of them, flows likewise. */
function treeStatistics(
  prediction: string,
  references: readonly string[],
  parse: ParseCode,
  language: CodeLanguage,
): number[] {
  const treeOf = (code: string): SyntaxTree => parse(stripComments(code))
  const candidate = treeOf(prediction)
  const subtrees = new Set(candidate.subtrees)
  const flows = normalisedFlows(candidate, FLOW_RULES[language])
  const sums = [0, 0, 0, 0]
  for (const reference of references.map(treeOf)) {
    const expected = normalisedFlows(reference, FLOW_RULES[language])
    sums[0]! += reference.subtrees.filter((subtree) => subtrees.has(subtree)).length
    sums[1]! += reference.subtrees.length
    sums[2]! += matchedFlows(flows, expected)
    sums[3]! += expected.length
  }
  return sums
}
