import type {Language} from './code-printer.ts'
import type {CodeType, ErrorKind, Method} from './code-tree.ts'
import {sentence} from './phrases.ts'

const BOXES: Readonly<Record<string, string>> = {
  int: 'Integer',
  long: 'Long',
  double: 'Double',
  boolean: 'Boolean',
  char: 'Character',
}
const ERRORS: Readonly<Record<ErrorKind, string>> = {
  argument: 'IllegalArgumentException',
  state: 'IllegalStateException',
  unsupported: 'UnsupportedOperationException',
  input: 'IOException',
  null: 'NullPointerException',
  bounds: 'IndexOutOfBoundsException',
  any: 'Exception',
}

function typeName(type: CodeType): string {
  switch (type.kind) {
    case 'string':
      return 'String'
    case 'class':
      return type.name
    case 'list':
      return `List<${itemName(type.of)}>`
    case 'map':
      return `Map<${itemName(type.key)}, ${itemName(type.value)}>`
    default:
      return type.kind
  }
}

function itemName(type: CodeType): string {
  return BOXES[type.kind] ?? typeName(type)
}

function head({access, binding, throws, result, name}: Method, parameters: string): string {
  const modifier = binding === 'static' || binding === 'final' ? ` ${binding}` : ''
  const type = result === undefined ? '' : ` ${typeName(result)}`
  return `${binding === 'override' ? '@Override ' : ''}${access}${modifier}${type} ${name}(${parameters})${throws ? ' throws IOException' : ''}`
}

export const JAVA: Language = {
  typeName,
  itemName,
  implementation: (type) =>
    type.kind === 'list' ? 'ArrayList<>' : type.kind === 'map' ? 'HashMap<>' : typeName(type),
  method: (name) => name,
  error: (kind) => ERRORS[kind],
  head,
  getter: (target, property) => `${target}.get${sentence(property)}()`,
  setter: (target, property, value) => `${target}.set${sentence(property)}(${value})`,
  is: 'instanceof',
  loose: ['shift'],
  library: {
    'list-size': '{0}.size()',
    'list-get': '{0}.get({1})',
    'list-empty': '{0}.isEmpty()',
    'list-contains': '{0}.contains({1})',
    'list-index': '{0}.indexOf({1})',
    'map-size': '{0}.size()',
    'map-get': '{0}.get({1})',
    'map-has': '{0}.containsKey({1})',
    'string-length': '{0}.length()',
    'string-char': '{0}.charAt({1})',
    'string-sub': '{0}.substring({1}, {2})',
    'string-empty': '{0}.isEmpty()',
    'string-equals': '{0}.equals({1})',
    'string-starts': '{0}.startsWith({1})',
    'string-lower': '{0}.toLowerCase()',
    'string-trim': '{0}.trim()',
    'string-index': '{0}.indexOf({1})',
    'parse-int': 'Integer.parseInt({0})',
    'to-string': 'String.valueOf({0})',
    max: 'Math.max({all})',
    min: 'Math.min({all})',
    abs: 'Math.abs({all})',
    shift: '{0} >>> {1}',
  },
  statements: {
    'list-add': '{list}.add({value});',
    'list-remove-at': '{list}.remove({value});',
    'list-set': '{target}.set({key}, {value});',
    'map-put': '{target}.put({key}, {value});',
    print: 'System.out.println({value});',
    each: 'for ({type} {name} : {list})',
    entries: 'for (Map.Entry<{key}, {value}> {name} : {map}.entrySet())',
    lock: 'synchronized ({on})',
  },
}
