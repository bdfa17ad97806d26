import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {SlmError} from '../errors.ts'

/** How a cell's weights are learned: from the data alone, or from a teacher too. */
export type Method = 'seq2seq' | 'kd'

/** One network trained in one way: a row of the table, before it is trained seed by seed. */
export interface Cell {
  /** `enc-dec-4-2-kd`, with the size in front where it is not the table's own. */
  readonly name: string
  readonly size: string
  readonly method: Method
  readonly model: ReproduceConfig['models'][number]
}

/** The size of the table; others are for the figure over sizes. */
export const TABLE_SIZE = 'm'

/** The cells of the sizes asked for, in the order of the configuration. Errors: `config-invalid`. */
export function cellsOf(config: ReproduceConfig): readonly Cell[] {
  const known = new Set(config.models.map(({size}) => size))
  for (const size of config.sizes)
    if (!known.has(size))
      throw new SlmError('config-invalid', `no model has the size ${size}`, {
        hint: `Sizes of the configuration: ${[...known].join(', ')}.`,
      })
  const cells = config.sizes.flatMap((size) =>
    config.models
      .filter((model) => model.size === size)
      .flatMap((model) =>
        // Both words were checked when the configuration was read.
        (model.methods as readonly Method[]).map((method): Cell => {
          const name = `${size === TABLE_SIZE ? '' : `${size}-`}${model.name}-${method}`
          return {name, size, method, model}
        }),
      ),
  )
  const twice = cells.find(({name}, at) => cells.findIndex((other) => other.name === name) !== at)
  if (twice !== undefined)
    throw new SlmError('config-invalid', `two models are called ${twice.model.name} in size ${twice.size}`, {
      hint: 'Give each network of a size another name.',
    })
  return cells
}
