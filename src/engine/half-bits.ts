import {Tensor} from 'onnxruntime-node'

/**
 * Has half-precision tensors carried as bits (Uint16Array), as on Node 20 and 22. Newer Node has a Float16Array, which
 * the JavaScript side of onnxruntime-node 1.30 then uses and its native side does not take ("expected n, got 0").
 * The JavaScript side looks for the class once, at the first tensor of a thread: that tensor is made here.
 */
export function carryHalvesAsBits(): void {
  const found = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array')
  if (found === undefined) return
  Reflect.deleteProperty(globalThis, 'Float16Array')
  new Tensor('float32', new Float32Array(1), [1])
  Object.defineProperty(globalThis, 'Float16Array', found)
}
