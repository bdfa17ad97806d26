import {DATA_TYPE, type DataType, DIMENSION, SHAPE, TENSOR_TYPE, TYPE, VALUE_INFO} from '../schema.ts'
import {MessageWriter} from './message-writer.ts'

/** Name, type and shape of an input or output; a text is a dimension known only when the graph runs. */
export function valueInfo(
  name: string,
  dataType: DataType,
  dims: readonly (number | string)[],
): MessageWriter {
  const shape = new MessageWriter()
  for (const dim of dims)
    shape.message(
      SHAPE.dimension,
      typeof dim === 'number'
        ? new MessageWriter().integer(DIMENSION.value, dim)
        : new MessageWriter().text(DIMENSION.name, dim),
    )
  const tensor = new MessageWriter()
    .integer(TENSOR_TYPE.elementType, DATA_TYPE[dataType])
    .message(TENSOR_TYPE.shape, shape)
  return new MessageWriter()
    .text(VALUE_INFO.name, name)
    .message(VALUE_INFO.type, new MessageWriter().message(TYPE.tensor, tensor))
}
