import type {InferenceSession} from 'onnxruntime-node'
import {SlmError} from '../errors.ts'
import {type FloatType, floatType, tensors} from './graph-signature.ts'

/** The inputs and the output of an encoder graph by what they are for; undefined: the graph does not take it. */
export interface EncoderSignature {
  readonly ids: string
  readonly attentionMask: string | undefined
  /** Segments of BERT's kind; all tokens are in the first one. */
  readonly tokenTypeIds: string | undefined
  readonly integer: 'int64' | 'int32'
  /** Hidden states, (rows, length, size). */
  readonly states: string
  readonly type: FloatType
}

const KNOWN = ['input_ids', 'attention_mask', 'token_type_ids']

/** Reads an encoder graph by its inputs' names. Errors: `graph-not-supported`, naming the input that is not known. */
export function encoderSignature(
  file: string,
  session: Pick<InferenceSession, 'inputMetadata' | 'outputMetadata'>,
): EncoderSignature {
  const inputs = tensors(session.inputMetadata)
  const outputs = tensors(session.outputMetadata)
  const unknown = [...inputs.keys()].find((name) => !KNOWN.includes(name))
  if (unknown !== undefined) {
    throw new SlmError(
      'graph-not-supported',
      `${file}: the encoder takes an input "${unknown}" that slm does not know`,
      {hint: `Known are: ${KNOWN.join(', ')}.`},
    )
  }
  const ids = inputs.get('input_ids')
  const [first] = outputs.keys()
  const states = outputs.has('last_hidden_state') ? 'last_hidden_state' : first
  if (ids === undefined || states === undefined) {
    throw new SlmError(
      'graph-not-supported',
      `${file}: an encoder takes "input_ids" and gives hidden states; this graph has no ${ids === undefined ? 'such input' : 'output'}`,
    )
  }
  const has = (name: string): string | undefined => (inputs.has(name) ? name : undefined)
  return {
    ids: 'input_ids',
    attentionMask: has('attention_mask'),
    tokenTypeIds: has('token_type_ids'),
    integer: ids.type === 'int32' ? 'int32' : 'int64',
    states,
    type: floatType(file, states, outputs.get(states)!),
  }
}
