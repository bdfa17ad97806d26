/** The small typed language of codex-mini: one tree, which a Java and a C# printer write out. */
export type CodeType =
  | {readonly kind: 'int' | 'long' | 'double' | 'boolean' | 'char' | 'string' | 'void'}
  | {readonly kind: 'class'; readonly name: string}
  | {readonly kind: 'list'; readonly of: CodeType}
  | {readonly kind: 'map'; readonly key: CodeType; readonly value: CodeType}

export type Expression =
  | {readonly kind: 'name'; readonly name: string}
  | {readonly kind: 'field'; readonly name: string}
  | {readonly kind: 'literal'; readonly text: string}
  | {
      readonly kind: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
    }
  | {readonly kind: 'not'; readonly of: Expression}
  | {
      readonly kind: 'choice'
      readonly condition: Expression
      readonly yes: Expression
      readonly no: Expression
    }
  | {
      readonly kind: 'call'
      readonly target: Expression | undefined
      readonly method: string
      readonly values: readonly Expression[]
    }
  | {readonly kind: 'getter'; readonly target: Expression; readonly property: string}
  | {readonly kind: 'new'; readonly type: CodeType; readonly values: readonly Expression[]}
  | {readonly kind: 'cast'; readonly type: CodeType; readonly of: Expression}
  | {readonly kind: 'is'; readonly of: Expression; readonly type: CodeType}
  /** A call of the standard library, by what it means: `Library` says what it takes. */
  | {readonly kind: 'library'; readonly name: Library; readonly values: readonly Expression[]}

/** Operands in order: `list-get` list, index; `string-sub` text, from, to; `map-get-or` map, key, value. */
export type Library =
  | 'list-size'
  | 'list-get'
  | 'list-empty'
  | 'list-contains'
  | 'list-index'
  | 'map-size'
  | 'map-get'
  | 'map-has'
  | 'string-length'
  | 'string-char'
  | 'string-sub'
  | 'string-empty'
  | 'string-equals'
  | 'string-starts'
  | 'string-lower'
  | 'string-trim'
  | 'string-index'
  | 'parse-int'
  | 'to-string'
  | 'max'
  | 'min'
  | 'abs'
  | 'shift'

export type Statement =
  | {readonly kind: 'local'; readonly type: CodeType; readonly name: string; readonly value: Expression}
  | {
      readonly kind: 'assign'
      readonly operator: string
      readonly target: Expression
      readonly value: Expression
    }
  | {readonly kind: 'increment'; readonly target: Expression}
  | {readonly kind: 'do'; readonly call: Expression}
  | {readonly kind: 'list-add' | 'list-remove-at'; readonly list: Expression; readonly value: Expression}
  | {
      readonly kind: 'list-set' | 'map-put'
      readonly target: Expression
      readonly key: Expression
      readonly value: Expression
    }
  | {
      readonly kind: 'setter'
      readonly target: Expression
      readonly property: string
      readonly value: Expression
    }
  | {readonly kind: 'print'; readonly value: Expression}
  | {readonly kind: 'return'; readonly value: Expression | undefined}
  | {readonly kind: 'throw'; readonly error: ErrorKind; readonly message: Expression | undefined}
  | {readonly kind: 'if'; readonly condition: Expression; readonly yes: Block; readonly no: Block | undefined}
  | {readonly kind: 'while'; readonly condition: Expression; readonly body: Block}
  | {
      readonly kind: 'count'
      readonly name: string
      readonly from: Expression
      readonly limit: Expression
      readonly body: Block
    }
  | {
      readonly kind: 'each'
      readonly type: CodeType
      readonly name: string
      readonly list: Expression
      readonly body: Block
    }
  | {
      readonly kind: 'entries'
      readonly map: CodeType & {readonly kind: 'map'}
      readonly name: string
      readonly of: Expression
      readonly body: Block
    }
  | {readonly kind: 'lock'; readonly on: Expression; readonly body: Block}
  | {
      readonly kind: 'try'
      readonly body: Block
      readonly error: ErrorKind
      readonly name: string
      readonly rescue: Block
    }

export type Block = readonly Statement[]

export type ErrorKind = 'argument' | 'state' | 'unsupported' | 'input' | 'null' | 'bounds' | 'any'

export interface Parameter {
  readonly type: CodeType
  readonly name: string
}

/** A method, or a constructor when it has no result type. */
export interface Method {
  readonly access: 'public' | 'protected' | 'private'
  /** `plain` can be overridden, as all Java methods can; C# says so. */
  readonly binding: 'plain' | 'final' | 'static' | 'override'
  readonly throws: boolean
  readonly result: CodeType | undefined
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly body: Block
}

export const INT: CodeType = {kind: 'int'}
export const BOOLEAN: CodeType = {kind: 'boolean'}
export const STRING: CodeType = {kind: 'string'}
export const VOID: CodeType = {kind: 'void'}

export function sameType(one: CodeType, other: CodeType): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
