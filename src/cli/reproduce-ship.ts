import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {dataSteps} from '../reproduce/data-steps.ts'
import {SHIPPED_SEED} from '../reproduce/plan-steps.ts'
import {type ShippedCell, shipCells} from '../reproduce/ship-cells.ts'
import type {Step} from '../reproduce/step.ts'

/** Copies what is trained with the shipped seed, if the configuration names a folder for it. */
export async function shipTrained(
  config: ReproduceConfig,
  steps: readonly Step[],
  open: readonly string[],
): Promise<readonly ShippedCell[]> {
  const {ship, shipDtype, sizes, seeds} = config
  if (ship === undefined) return []
  const trained = steps.filter(
    ({id, kind, training}) =>
      (kind === 'teacher' || kind === 'training') &&
      training?.seed === SHIPPED_SEED &&
      // Rounded weights are a step of their own.
      !open.some((other) => other === id || other === `${id}/${shipDtype}`),
  )
  const {named} = await dataSteps(config)
  const command = `slm reproduce --sizes ${sizes.join(',')} --seeds ${seeds}`
  return shipCells(trained, {to: ship, dtype: shipDtype, command, named})
}
