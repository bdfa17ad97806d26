import {checkpointParameters} from '../../engine/checkpoint-parameters.ts'
import {openModel} from '../../engine/open-model.ts'
import {machineRates} from '../machine/machine-rates.ts'
import {readModelWork} from '../model-work.ts'
import type {Description, OpenRequest} from './messages.ts'
import {serve} from './serve.ts'
import {factsOf, openOptions, slmProgram} from './slm-program.ts'

/** Opens the model once, so that what cannot be opened shows before anything is measured; the files are in memory then. */
async function describe(request: OpenRequest): Promise<Description> {
  const model = await openModel(openOptions(request))
  const {dtype} = model.facts
  const {folder} = request
  // Which files are in use is the asked dtype's to say; what they hold, the graph's.
  const files = request.dtype ?? dtype
  const facts = factsOf(model)
  const work = await readModelWork(folder, files, model.facts)
  await model.close()
  return {facts, work, parameters: await checkpointParameters(folder, files)}
}

const nowMs = (): number => performance.now()

serve({...slmProgram({openModel, nowMs}), describe, rates: machineRates})
