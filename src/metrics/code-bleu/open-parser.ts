import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {Language, Parser, type TreeCursor} from 'web-tree-sitter'
import {SlmError} from '../../errors.ts'
import {type CodeLanguage, GRAMMARS} from './code-language.ts'
import type {ParseCode, SyntaxNode} from './syntax-tree.ts'

// Once, before anything else here: two calls at the same time would make two WebAssembly memories, and what was
// allocated in one would later be freed in the other.
await Parser.init()

/** Opens a language's parser: WebAssembly, so nothing is compiled at install. It lives as long as the process. */
export async function openParser(language: CodeLanguage): Promise<ParseCode> {
  const parser = new Parser().setLanguage(await Language.load(grammarPath(language)))
  return (text) => {
    const tree = parser.parse(text)
    if (tree === null) throw new Error('the parser was stopped')
    const cursor = tree.walk()
    const subtrees: string[] = []
    const root = copied(cursor, subtrees)
    cursor.delete()
    tree.delete()
    return {text, root, subtrees}
  }
}

function grammarPath(language: CodeLanguage): string {
  const grammar = GRAMMARS[language]
  const require = createRequire(import.meta.url)
  try {
    return join(dirname(require.resolve(`${grammar.package}/package.json`)), grammar.file)
  } catch (cause) {
    throw new SlmError('grammar-missing', `the package ${grammar.package} is not installed`, {
      hint: `codeBleu needs it: npm install ${grammar.package}@${grammar.version} --ignore-scripts.`,
      cause,
    })
  }
}

/** Copies the tree below the cursor. Its depth is that of the code, so a stack of calls would overflow on "((((...". */
function copied(cursor: TreeCursor, subtrees: string[]): SyntaxNode {
  const root = copyHere(cursor)
  subtrees.push(cursor.currentNode.toString())
  const path = [root]
  while (path.length > 0) {
    let isOpen = cursor.gotoFirstChild()
    while (!isOpen && path.length > 1) {
      path.pop()
      isOpen = cursor.gotoNextSibling()
      if (!isOpen) cursor.gotoParent()
    }
    if (!isOpen) break
    const node = copyHere(cursor)
    path.at(-1)!.children.push(node)
    path.push(node)
    const {currentNode} = cursor
    if (currentNode.childCount > 0) subtrees.push(currentNode.toString())
  }
  return root
}

function copyHere(cursor: TreeCursor): Omit<SyntaxNode, 'children'> & {readonly children: SyntaxNode[]} {
  return {
    type: cursor.nodeType,
    field: cursor.currentFieldName ?? undefined,
    start: cursor.startIndex,
    end: cursor.endIndex,
    children: [],
  }
}
