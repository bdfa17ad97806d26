import {halfToNumber} from '../read/half.ts'

/** Element types that weights come in, by bytes of one element. */
export const ELEMENT_BYTES = {float64: 8, float32: 4, float16: 2, bfloat16: 2} as const
export type ElementType = keyof typeof ELEMENT_BYTES

/** One little-endian element at a byte offset, as a number; exact for all four types. */
export function elementReader(type: ElementType, bytes: Uint8Array): (element: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (type) {
    case 'float64':
      return (element) => view.getFloat64(element * 8, true)
    case 'float32':
      return (element) => view.getFloat32(element * 4, true)
    case 'float16':
      return (element) => halfToNumber(view.getUint16(element * 2, true))
    case 'bfloat16': {
      const widened = new DataView(new ArrayBuffer(4))
      return (element) => {
        widened.setUint16(0, view.getUint16(element * 2, true), false)
        return widened.getFloat32(0, false)
      }
    }
  }
}
