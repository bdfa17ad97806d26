/** Per-sample statistics that add up, packed for resampling. */
export interface StatisticTable {
  /** Rows that are drawn: samples, or clusters of samples. */
  readonly rows: number
  /** One array of (rows) for each statistic. */
  readonly columns: readonly Float64Array[]
  /** (rows): samples in each row; undefined when every row is one sample. */
  readonly sizes: Float64Array | undefined
}

/**
 * One row for each sample, or for each cluster when `clusters` names the cluster of each sample: questions of one
 * paragraph vary together, so paragraphs are what may be drawn independently (Davison and Hinkley 1997, section 3.8).
 */
export function statisticTable(
  samples: readonly (readonly number[])[],
  clusters?: readonly string[],
): StatisticTable {
  const rowOf = new Map<string, number>()
  for (const cluster of clusters ?? []) if (!rowOf.has(cluster)) rowOf.set(cluster, rowOf.size)
  const rows = clusters === undefined ? samples.length : rowOf.size
  const columns = (samples[0] ?? []).map(() => new Float64Array(rows))
  const sizes = clusters === undefined ? undefined : new Float64Array(rows)
  for (const [index, sample] of samples.entries()) {
    const row = clusters === undefined ? index : rowOf.get(clusters[index]!)!
    for (const [column, values] of columns.entries()) values[row] = values[row]! + sample[column]!
    if (sizes !== undefined) sizes[row] = sizes[row]! + 1
  }
  return {rows, columns, sizes}
}

/** Sums of statistics over some samples. */
export interface Sums {
  readonly sums: readonly number[]
  readonly count: number
}

/** Sums over the drawn rows, the inner loop of every resample. */
export function sumRows({columns, sizes}: StatisticTable, indices: Uint32Array): Sums {
  return {
    sums: columns.map((values) => sumOf(values, indices)),
    count: sizes === undefined ? indices.length : sumOf(sizes, indices),
  }
}

/** Four sums side by side, because one would wait for each addition to end. */
function sumOf(values: Float64Array, indices: Uint32Array): number {
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  const whole = indices.length & ~3
  for (let draw = 0; draw < whole; draw += 4) {
    first += values[indices[draw]!]!
    second += values[indices[draw + 1]!]!
    third += values[indices[draw + 2]!]!
    fourth += values[indices[draw + 3]!]!
  }
  for (let draw = whole; draw < indices.length; draw += 1) first += values[indices[draw]!]!
  return first + second + (third + fourth)
}
