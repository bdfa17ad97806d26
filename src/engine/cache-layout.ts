/**
 * How a tensor of keys and values lies in memory: (rows * rowFactor, outer / rowFactor ..., length, inner) seen as
 * (rows, outer, length, inner). Most exports have (rows, heads, length, head size); older ones join rows with heads,
 * put the length last, or keep keys and values in one tensor without heads.
 */
export interface CacheLayout {
  /** The tensor's axes in order: `rows` is always the first. */
  readonly axes: readonly (number | 'rows' | 'length')[]
  /** How many entries of the first axis one row takes: its heads where they are joined with it, else 1. */
  readonly rowFactor: number
}

/** Sizes that a graph may leave symbolic, from the configuration files. */
export interface CacheSizes {
  readonly heads: number | undefined
  readonly headSize: number | undefined
}

type Shape = readonly (number | string)[]

/**
 * Reads the layout from the dimensions that the graph names, `output` filling in what `input` leaves open.
 * Undefined where the names do not tell, or a size is known to nobody.
 */
export function cacheLayout(
  input: Shape,
  output: Shape | undefined,
  sizes: CacheSizes,
): CacheLayout | undefined {
  const length = lengthAxis(input)
  if (length === undefined) return undefined
  const rowFactor = /head/i.test(String(input[0])) ? sizes.heads : 1
  const unknown = input.length === 4 ? [sizes.heads, sizes.headSize] : [sizes.headSize]
  const fixed = input.flatMap((dimension, axis) =>
    axis === 0 || axis === length ? [] : [fixedSize(dimension) ?? fixedSize(output?.[axis])],
  )
  const known = fixed.map((size, index) => size ?? unknown[index])
  if (rowFactor === undefined || known.includes(undefined)) return undefined
  const axes: CacheLayout['axes'] = input.map((_, axis) =>
    axis === 0 ? 'rows' : axis === length ? 'length' : known.shift()!,
  )
  return {axes, rowFactor}
}

/** Dimensions of a tensor of so many rows and positions. */
export function cacheDims(layout: CacheLayout, rows: number, length: number): number[] {
  return layout.axes.map((axis) =>
    axis === 'rows' ? rows * layout.rowFactor : axis === 'length' ? length : axis,
  )
}

/** Blocks of positions in one row, and elements of one position in a block. */
export function cacheBlocks({axes, rowFactor}: CacheLayout): {
  readonly outer: number
  readonly inner: number
} {
  const length = axes.indexOf('length')
  const product = (part: CacheLayout['axes']): number =>
    part.reduce<number>((all, axis) => (typeof axis === 'number' ? all * axis : all), 1)
  return {outer: rowFactor * product(axes.slice(0, length)), inner: product(axes.slice(length))}
}

/** Elements that one position of one row takes. */
export function positionElements(layout: CacheLayout): number {
  const {outer, inner} = cacheBlocks(layout)
  return outer * inner
}

/** Positions that a tensor of this layout holds. */
export function cacheLength(layout: CacheLayout, dims: readonly number[]): number {
  return dims[layout.axes.indexOf('length')]!
}

/** The one axis whose name speaks of a sequence; without names that of (rows, heads, length, head size). */
function lengthAxis(shape: Shape): number | undefined {
  const open = shape.flatMap((dimension, axis) =>
    axis > 0 && fixedSize(dimension) === undefined ? [axis] : [],
  )
  const named = open.filter((axis) => /seq|length|past|position|cache_len/i.test(String(shape[axis])))
  if (named.length === 1) return named[0]
  if (shape.length === 4) return 2
  return shape.length === 3 && open.length === 1 ? open[0] : undefined
}

function fixedSize(dimension: number | string | undefined): number | undefined {
  if (typeof dimension === 'number') return dimension > 0 ? dimension : undefined
  // Exporters write a fixed size as text now and then ("1").
  return dimension !== undefined && /^\d+$/.test(dimension) ? Number(dimension) : undefined
}
