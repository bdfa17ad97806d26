import {cpus} from 'node:os'
import {env, InferenceSession, type Tensor} from 'onnxruntime-node'
import {SlmError} from '../errors.ts'
import {carryHalvesAsBits} from './half-bits.ts'
import {runtimeMessage} from './runtime-message.ts'

const DEVICES = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'dml', 'coreml'] as const
export type Device = (typeof DEVICES)[number]

/** Checks a device's name. Errors: `device-unknown`. */
export function deviceNamed(name: string): Device {
  const device = DEVICES.find((each) => each === name)
  if (device !== undefined) return device
  throw new SlmError('device-unknown', `no device is called "${name}"`, {
    hint: `Known are: ${DEVICES.join(', ')}. \`slm doctor\` shows which work here.`,
  })
}

export interface SessionOptions {
  /** Execution provider, tried alone: what it is asked to run on is what it runs on, or an error. */
  readonly device: Device
  /** Threads inside one operator; undefined: one for each processor. */
  readonly threads: number | undefined
}

/** One opened graph. `run` blocks the thread's event loop while ONNX Runtime computes, so models live in a worker. */
export interface OpenSession {
  readonly file: string
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly session: InferenceSession
  run(feeds: Record<string, Tensor>, fetches: readonly string[]): Promise<Record<string, Tensor>>
  /** Milliseconds spent inside ONNX Runtime so far. */
  computeMs(): number
  close(): Promise<void>
}

/** The graph to open: its file, or rewritten bytes with the folder of its external weights. */
export type GraphSource =
  | {readonly kind: 'file'; readonly file: string}
  | {
      readonly kind: 'bytes'
      readonly file: string
      readonly bytes: Uint8Array
      readonly weightsFolder: string
    }

export function defaultThreads(): number {
  return Math.max(1, cpus().length)
}

/** Errors: `device-not-available`, `graph-broken`. */
export async function openSession(source: GraphSource, options: SessionOptions): Promise<OpenSession> {
  carryHalvesAsBits()
  const session = await create(source, options)
  let computeMs = 0
  return {
    file: source.file,
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    session,
    run: async (feeds, fetches) => {
      const start = performance.now()
      const outputs = await session.run(feeds, [...fetches])
      computeMs += performance.now() - start
      return outputs
    },
    computeMs: () => computeMs,
    close: () => session.release(),
  }
}

async function create(source: GraphSource, options: SessionOptions): Promise<InferenceSession> {
  const settings: InferenceSession.SessionOptions = {
    executionProviders: [options.device],
    intraOpNumThreads: options.threads ?? defaultThreads(),
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    // What goes wrong is thrown as well; ONNX Runtime's own lines on stderr would only say it twice.
    logSeverityLevel: 4,
    ...(source.kind === 'bytes'
      ? {extra: {session: {model_external_initializers_file_folder_path: source.weightsFolder}}}
      : {}),
  }
  env.logLevel = 'fatal'
  try {
    return source.kind === 'file'
      ? await InferenceSession.create(source.file, settings)
      : await InferenceSession.create(source.bytes, settings)
  } catch (cause) {
    throw openError(source.file, options.device, cause)
  }
}

function openError(file: string, device: Device, cause: unknown): SlmError {
  const message = runtimeMessage(cause)
  if (device !== 'cpu') {
    return new SlmError('device-not-available', `${file} cannot be opened on "${device}": ${message}`, {
      hint: 'Run `slm doctor` to see what this machine offers, or leave --device out for the CPU.',
      cause,
    })
  }
  if (/external (?:data|initializer)|\.data|file_size|No such file/i.test(message)) {
    return new SlmError('model-file-missing', `${file}: its weights file cannot be used: ${message}`, {
      hint: 'Copy the .onnx_data / .onnx.data file that was exported with it into the same folder (a copy, not a hard link).',
      cause,
    })
  }
  if (/bad_alloc|allocat|out of memory/i.test(message)) {
    return new SlmError('memory-short', `${file}: not enough memory to open it: ${message}`, {
      hint: 'Choose a smaller dtype with --dtype, or free memory.',
      cause,
    })
  }
  return new SlmError('graph-broken', `${file}: ONNX Runtime cannot open it: ${message}`, {
    hint: 'The file may be cut off, a Git LFS pointer, or made for a newer ONNX Runtime.',
    cause,
  })
}
