import type {Language} from './code-printer.ts'
import type {CodeType, ErrorKind, Method} from './code-tree.ts'
import {sentence} from './phrases.ts'

const ERRORS: Readonly<Record<ErrorKind, string>> = {
  argument: 'ArgumentException',
  state: 'InvalidOperationException',
  unsupported: 'NotSupportedException',
  input: 'IOException',
  null: 'ArgumentNullException',
  bounds: 'ArgumentOutOfRangeException',
  any: 'Exception',
}

function typeName(type: CodeType): string {
  switch (type.kind) {
    case 'boolean':
      return 'bool'
    case 'class':
      return type.name
    case 'list':
      return `IList<${typeName(type.of)}>`
    case 'map':
      return `IDictionary<${typeName(type.key)}, ${typeName(type.value)}>`
    default:
      return type.kind
  }
}

/** Java's methods can be overridden unless they say otherwise; C#'s cannot. */
function head({access, binding, result, name}: Method, parameters: string): string {
  const isVirtual = binding === 'plain' && access !== 'private' && result !== undefined
  const modifier =
    binding === 'static' || binding === 'override' ? ` ${binding}` : isVirtual ? ' virtual' : ''
  const type = result === undefined ? '' : ` ${typeName(result)}`
  return `${access}${modifier}${type} ${sentence(name)}(${parameters})`
}

export const CSHARP: Language = {
  typeName,
  itemName: typeName,
  implementation: (type) => typeName(type).replace(/^I(?=List<|Dictionary<)/, ''),
  method: sentence,
  error: (kind) => ERRORS[kind],
  head,
  getter: (target, property) => `${target}.${sentence(property)}`,
  setter: (target, property, value) => `${target}.${sentence(property)} = ${value}`,
  is: 'is',
  loose: ['list-empty', 'string-empty', 'shift'],
  library: {
    'list-size': '{0}.Count',
    'list-get': '{0}[{1}]',
    'list-empty': '{0}.Count == 0',
    'list-contains': '{0}.Contains({1})',
    'list-index': '{0}.IndexOf({1})',
    'map-size': '{0}.Count',
    'map-get': '{0}[{1}]',
    'map-has': '{0}.ContainsKey({1})',
    'string-length': '{0}.Length',
    'string-char': '{0}[{1}]',
    // The second operand is an end in Java and a length in C#.
    'string-sub': '{0}.Substring({1}, {2} - {1})',
    'string-empty': '{0}.Length == 0',
    'string-equals': '{0}.Equals({1})',
    'string-starts': '{0}.StartsWith({1})',
    'string-lower': '{0}.ToLower()',
    'string-trim': '{0}.Trim()',
    'string-index': '{0}.IndexOf({1})',
    'parse-int': 'int.Parse({0})',
    'to-string': '{0}.ToString()',
    max: 'Math.Max({all})',
    min: 'Math.Min({all})',
    abs: 'Math.Abs({all})',
    shift: '(int) ((uint) {0} >> {1})',
  },
  statements: {
    'list-add': '{list}.Add({value});',
    'list-remove-at': '{list}.RemoveAt({value});',
    'list-set': '{target}[{key}] = {value};',
    'map-put': '{target}[{key}] = {value};',
    print: 'Console.WriteLine({value});',
    each: 'foreach ({type} {name} in {list})',
    entries: 'foreach (KeyValuePair<{key}, {value}> {name} in {map})',
    lock: 'lock ({on})',
  },
}
