import {env, InferenceSession, Tensor} from 'onnxruntime-node'

/** Numbers with their axes, row-major. */
export interface TensorArray {
  readonly data: Float32Array | BigInt64Array
  readonly dims: readonly number[]
}

/** A graph that reads and writes the caller's own arrays, copied neither in nor out: weights that change from run to run. */
export interface ArrayGraph {
  readonly inputNames: readonly string[]
  /** Fills the outputs' arrays. Blocks the event loop while ONNX Runtime computes. */
  run(
    inputs: Readonly<Record<string, TensorArray>>,
    outputs: Readonly<Record<string, TensorArray>>,
  ): Promise<void>
  close(): Promise<void>
}

/** Opens graph bytes of our own making on the CPU; what goes wrong here is a defect and keeps its stack. */
export async function openArrayGraph(bytes: Uint8Array, threads: number): Promise<ArrayGraph> {
  env.logLevel = 'fatal'
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    // Planned patterns take a second arena of the same size in the second run of every shape: 1.2 GB where 0.7 do.
    enableMemPattern: false,
    // Threads that spin while they wait cost 2% alone, but a step took 2.7 times as long beside another program.
    extra: {session: {intra_op: {allow_spinning: '0'}}},
  })
  return {
    inputNames: session.inputNames,
    run: async (inputs, outputs) => {
      await session.run(tensors(inputs), tensors(outputs))
    },
    close: () => session.release(),
  }
}

function tensors(arrays: Readonly<Record<string, TensorArray>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, {data, dims}]) => [
      name,
      data instanceof Float32Array ? new Tensor('float32', data, dims) : new Tensor('int64', data, dims),
    ]),
  )
}
