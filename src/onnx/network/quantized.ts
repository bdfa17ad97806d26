/** Values in blocks along the input axis, each with a scale of its own: what MatMulNBits and GatherBlockQuantized read. */
export interface BlockQuantized {
  /** (rows, blocks, bytes of a block); 4-bit codes two to a byte, low half first; zero is at the middle code. */
  readonly codes: Uint8Array
  /** (rows, blocks) */
  readonly scales: Float32Array
  readonly blocks: number
}

/**
 * Symmetric rounding to 4 or 8 bits. The scale is signed so that the value of largest magnitude falls on the lowest
 * code, which is exact: of the 2^bits codes one lies beyond the symmetric range.
 * @param values (rows, columns), row-major
 */
export function quantizeBlocks(
  values: Float32Array,
  rows: number,
  columns: number,
  bits: 4 | 8,
  blockSize: number,
): BlockQuantized {
  const blocks = Math.ceil(columns / blockSize)
  const blockBytes = (blockSize * bits) / 8
  const middle = 2 ** (bits - 1)
  const codes = new Uint8Array(rows * blocks * blockBytes).fill(bits === 4 ? 0x88 : 0x80)
  const scales = new Float32Array(rows * blocks)
  for (let row = 0; row < rows; row++)
    for (let block = 0; block < blocks; block++) {
      const start = row * columns + block * blockSize
      const end = Math.min(start + blockSize, (row + 1) * columns)
      let largest = 0
      for (let at = start; at < end; at++)
        if (Math.abs(values[at]!) > Math.abs(largest)) largest = values[at]!
      const scale = Math.fround(largest / -middle)
      scales[row * blocks + block] = scale
      if (scale === 0) continue
      const first = (row * blocks + block) * blockBytes
      for (let at = start; at < end; at++) {
        const code = Math.min(Math.max(Math.round(values[at]! / scale) + middle, 0), 2 * middle - 1)
        const index = at - start
        if (bits === 8) codes[first + index] = code
        else if (index % 2 === 0) codes[first + (index >> 1)] = (codes[first + (index >> 1)]! & 0xf0) | code
        else codes[first + (index >> 1)] = (codes[first + (index >> 1)]! & 0x0f) | (code << 4)
      }
    }
  return {codes, scales, blocks}
}

/**
 * Processors without VNNI add two products of a byte in 16 bits, which saturate: 2 x 255 x 64 is the most that fits. So
 * codes have 7 bits (ONNX Runtime's quantiser calls it reduce_range); with 8, one product was off by 7% on AVX2.
 */
const LARGEST_CODE = 64

/**
 * Symmetric rounding of each row to int8: the weights of MatMulInteger.
 * @param values (rows, columns), row-major
 */
export function quantizeRows(
  values: Float32Array,
  rows: number,
  columns: number,
): {readonly codes: Int8Array; readonly scales: Float32Array} {
  const codes = new Int8Array(rows * columns)
  const scales = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    let largest = 0
    for (let at = row * columns; at < (row + 1) * columns; at++)
      largest = Math.max(largest, Math.abs(values[at]!))
    const scale = Math.fround(largest / LARGEST_CODE) || 1
    scales[row] = scale
    for (let at = row * columns; at < (row + 1) * columns; at++) codes[at] = Math.round(values[at]! / scale)
  }
  return {codes, scales}
}

/** IEEE half precision, rounded to nearest even; beyond its range infinite. */
export function toHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(values.length)
  for (let index = 0; index < values.length; index++) halves[index] = halfOf(bits[index]!)
  return halves
}

function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude >= 0x7f800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00)
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  if (magnitude < 0x38800000) {
    // Below 2^-14: halves are multiples of 2^-24. Adding 0.5 aligns and rounds the fraction to that grid.
    const float = new Float32Array(1)
    new Uint32Array(float.buffer)[0] = magnitude
    float[0] = float[0]! + 0.5
    return sign | (new Uint32Array(float.buffer)[0]! - 0x3f000000)
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1)
  return sign | ((rounded - 0x38000000) >>> 13)
}

/** (rows, columns) to (columns, rows). */
export function transpose<Values extends Float32Array | Int8Array>(
  values: Values,
  rows: number,
  columns: number,
): Values {
  const turned = new (values.constructor as new (length: number) => Values)(values.length)
  const tile = 64
  for (let top = 0; top < rows; top += tile)
    for (let left = 0; left < columns; left += tile)
      for (let row = top; row < Math.min(top + tile, rows); row++)
        for (let column = left; column < Math.min(left + tile, columns); column++)
          turned[column * rows + row] = values[row * columns + column]!
  return turned
}
