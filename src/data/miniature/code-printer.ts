import type {Block, CodeType, ErrorKind, Expression, Library, Method, Statement} from './code-tree.ts'

/** What the two languages say differently; all else is written the same. */
export interface Language {
  readonly typeName: (type: CodeType) => string
  /** The type inside `<...>`, where Java boxes. */
  readonly itemName: (type: CodeType) => string
  readonly implementation: (type: CodeType) => string
  readonly method: (name: string) => string
  readonly library: Readonly<Record<Library, string>>
  /** Those of the library whose text is an operator's and needs brackets inside a larger expression. */
  readonly loose: readonly Library[]
  readonly error: (kind: ErrorKind) => string
  readonly head: (method: Method, parameters: string) => string
  readonly getter: (target: string, property: string) => string
  readonly setter: (target: string, property: string, value: string) => string
  readonly is: string
  /** With {list}, {target}, {key}, {value} and so on. */
  readonly statements: Readonly<
    Record<
      'list-add' | 'list-remove-at' | 'list-set' | 'map-put' | 'print' | 'each' | 'entries' | 'lock',
      string
    >
  >
}

/** One line, as the pairs of CodeXGLUE are written. */
export function printMethod(method: Method, language: Language): string {
  const parameters = method.parameters.map(({type, name}) => `${language.typeName(type)} ${name}`).join(', ')
  return `${language.head(method, parameters)} ${block(method.body, language)}`
}

function block(statements: Block, language: Language): string {
  return `{ ${statements.map((one) => statement(one, language)).join(' ')} }`
}

function statement(one: Statement, language: Language): string {
  const say = (expression: Expression): string => print(expression, language)
  const write = (name: keyof Language['statements'], values: Readonly<Record<string, string>>): string =>
    fill(language.statements[name], values)
  switch (one.kind) {
    case 'local':
      return `${language.typeName(one.type)} ${one.name} = ${say(one.value)};`
    case 'assign':
      return `${say(one.target)} ${one.operator} ${say(one.value)};`
    case 'increment':
      return `${say(one.target)}++;`
    case 'do':
      return `${say(one.call)};`
    case 'list-add':
    case 'list-remove-at':
      return write(one.kind, {list: say(one.list), value: say(one.value)})
    case 'list-set':
    case 'map-put':
      return write(one.kind, {target: say(one.target), key: say(one.key), value: say(one.value)})
    case 'setter':
      return `${language.setter(say(one.target), one.property, say(one.value))};`
    case 'print':
      return write('print', {value: say(one.value)})
    case 'return':
      return one.value === undefined ? 'return;' : `return ${say(one.value)};`
    case 'throw':
      return `throw new ${language.error(one.error)}(${one.message === undefined ? '' : say(one.message)});`
    default:
      return compound(one, language)
  }
}

type Compound = Extract<Statement, {kind: 'if' | 'while' | 'count' | 'each' | 'entries' | 'lock' | 'try'}>

function compound(one: Compound, language: Language): string {
  const say = (expression: Expression): string => print(expression, language)
  const inner = (statements: Block): string => block(statements, language)
  switch (one.kind) {
    case 'if': {
      const no = one.no === undefined ? '' : ` else ${inner(one.no)}`
      return `if (${say(one.condition)}) ${inner(one.yes)}${no}`
    }
    case 'while':
      return `while (${say(one.condition)}) ${inner(one.body)}`
    case 'count':
      return `for (int ${one.name} = ${say(one.from)}; ${one.name} < ${say(one.limit)}; ${one.name}++) ${inner(one.body)}`
    case 'each': {
      const values = {type: language.typeName(one.type), name: one.name, list: say(one.list)}
      return `${fill(language.statements.each, values)} ${inner(one.body)}`
    }
    case 'entries': {
      const {key, value} = one.map
      const values = {
        key: language.itemName(key),
        value: language.itemName(value),
        name: one.name,
        map: say(one.of),
      }
      return `${fill(language.statements.entries, values)} ${inner(one.body)}`
    }
    case 'lock':
      return `${fill(language.statements.lock, {on: say(one.on)})} ${inner(one.body)}`
    case 'try':
      return `try ${inner(one.body)} catch (${language.error(one.error)} ${one.name}) ${inner(one.rescue)}`
  }
}

function print(expression: Expression, language: Language): string {
  const say = (inner: Expression): string => print(inner, language)
  const list = (values: readonly Expression[]): string => values.map(say).join(', ')
  switch (expression.kind) {
    case 'name':
    case 'literal':
      return expression.kind === 'name' ? expression.name : expression.text
    case 'field':
      return `this.${expression.name}`
    case 'binary':
      return `${operand(expression.left, language)} ${expression.operator} ${operand(expression.right, language)}`
    case 'not':
      return `!${operand(expression.of, language)}`
    case 'choice':
      return `${operand(expression.condition, language)} ? ${operand(expression.yes, language)} : ${operand(expression.no, language)}`
    case 'call': {
      const target = expression.target === undefined ? '' : `${operand(expression.target, language)}.`
      return `${target}${language.method(expression.method)}(${list(expression.values)})`
    }
    case 'getter':
      return language.getter(operand(expression.target, language), expression.property)
    case 'new':
      return `new ${language.implementation(expression.type)}(${list(expression.values)})`
    case 'cast':
      return `(${language.typeName(expression.type)}) ${operand(expression.of, language)}`
    case 'is':
      return `${operand(expression.of, language)} ${language.is} ${language.typeName(expression.type)}`
    case 'library': {
      const values = expression.values.map((value, place) => [
        String(place),
        place === 0 ? operand(value, language) : say(value),
      ])
      return fill(language.library[expression.name], {
        ...Object.fromEntries(values),
        all: list(expression.values),
      })
    }
  }
}

/** Brackets around what would bind less tightly than a call or an operator. */
function operand(expression: Expression, language: Language): string {
  const text = print(expression, language)
  const isLoose = expression.kind === 'library' && language.loose.includes(expression.name)
  return isLoose || ['binary', 'choice', 'cast', 'is', 'not'].includes(expression.kind) ? `(${text})` : text
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}
