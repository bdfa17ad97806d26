/** The languages of CodeXGLUE's translation task. */
export type CodeLanguage = 'c-sharp' | 'java'

/** Which parse tree a language has: package and version are part of the metric's definition. */
export const GRAMMARS = {
  'c-sharp': {package: 'tree-sitter-c-sharp', version: '0.23.5', file: 'tree-sitter-c_sharp.wasm'},
  java: {package: 'tree-sitter-java', version: '0.23.5', file: 'tree-sitter-java.wasm'},
} as const

// biome-ignore format: CodeXGLUE's keyword lists, evaluator/CodeBLEU/keywords/*.txt.
const C_SHARP_KEYWORDS = `abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum
event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is lock long namespace new null object operator
out override params private protected public readonly ref return sbyte sealed short sizeof stackalloc static string struct switch this throw true try
typeof uint ulong unchecked unsafe ushort using virtual void volatile while add alias ascending async await by descending dynamic equals from get global
group into join let nameof notnull on orderby partial remove select set unmanaged value var when where yield`
// biome-ignore format: as above.
const JAVA_KEYWORDS = `abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally float
for goto if implements import instanceof int interface long native new package private protected public return short static strictfp super switch
synchronized this throw throws transient try void volatile while`

/** Words that weigh five times as much as others in the weighted n-gram match. */
export function keywordsOf(language: CodeLanguage): ReadonlySet<string> {
  return new Set((language === 'java' ? JAVA_KEYWORDS : C_SHARP_KEYWORDS).split(/\s+/))
}
