import {digestFiles} from '../../engine/file-digest.ts'
import {runtimeMessage} from '../../engine/runtime-message.ts'
import {defaultThreads} from '../../engine/session.ts'
import {SlmError} from '../../errors.ts'
import {benchPrompts} from '../prompts.ts'
import type {GenerationRequest, OpenedFacts, OpenRequest} from './messages.ts'
import type {OpenedProgram} from './program.ts'
import {serve} from './serve.ts'
import {timingOf} from './token-marks.ts'

/** What is used of node-llama-cpp 3. It is no dependency: whoever compares with it installs it. */
interface LlamaModule {
  getLlama(options: {gpu: false; build: 'never'}): Promise<{
    loadModel(options: {modelPath: string}): Promise<LlamaModel>
  }>
}

interface LlamaModel {
  readonly trainContextSize: number
  createContext(options: {contextSize: number; threads: number; sequences: number}): Promise<LlamaContext>
  dispose(): Promise<void>
}

interface LlamaContext {
  getSequence(): {
    evaluate(tokens: readonly number[], options: {temperature: 0; yieldEogToken: true}): AsyncIterable<number>
  }
  dispose(): Promise<void>
}

const PACKAGE = 'node-llama-cpp'
/** What `tokenIds` of the vocabulary are safe to ask for is not known before the file is open; byte tokens are always there. */
const VOCABULARY = 256

async function open({peerFile, threads = defaultThreads(), digest}: OpenRequest): Promise<OpenedProgram> {
  if (peerFile === undefined)
    throw new SlmError('usage', `${PACKAGE} needs a GGUF file`, {hint: 'Give --gguf FILE.'})
  const llama = await (await installed()).getLlama({gpu: false, build: 'never'})
  const model = await llama.loadModel({modelPath: peerFile})
  const facts: OpenedFacts = {
    architecture: 'dec-only',
    dtype: 'gguf',
    vocabulary: VOCABULARY,
    contextLength: model.trainContextSize,
    digest: digest ?? (await digestFiles([peerFile])),
    threads,
    notes: [`runs ${peerFile.split(/[\\/]/).at(-1)}`],
    cannot: {},
  }
  return {
    facts,
    generate: (request) => generate(model, threads, request),
    close: () => model.dispose(),
  }
}

async function installed(): Promise<LlamaModule> {
  try {
    // By a name that the compiler does not resolve: the package may be absent.
    const module: unknown = await import(PACKAGE)
    return module as LlamaModule // its own documentation is the contract
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'
    const why = isAbsent ? 'is not installed' : `cannot be loaded: ${runtimeMessage(cause)}`
    throw new SlmError('peer-missing', `${PACKAGE} ${why}`, {
      hint: `Install it beside slm: npm install --no-save ${PACKAGE}@3`,
      cause,
    })
  }
}

/** Rows are sequences of one context, decoded together; a step counts when its last row has its token. */
async function generate(model: LlamaModel, threads: number, request: GenerationRequest) {
  const {batch, inputTokens, outputTokens} = request
  const prompts = benchPrompts(request, VOCABULARY)
  const context = await model.createContext({
    contextSize: inputTokens + outputTokens,
    threads,
    sequences: batch,
  })
  try {
    const marks = new Array<number>(outputTokens).fill(0)
    const start = performance.now()
    await Promise.all(
      prompts.map(async (prompt) => {
        const tokens = context.getSequence().evaluate(prompt, {temperature: 0, yieldEogToken: true})
        let count = 0
        for await (const _ of tokens) {
          marks[count] = performance.now()
          count += 1
          if (count === outputTokens) return
        }
        throw new SlmError('generation-failed', `${PACKAGE} wrote ${count} tokens instead of ${outputTokens}`)
      }),
    )
    return {...timingOf(start, marks), computeMs: undefined}
  } finally {
    await context.dispose()
  }
}

serve({open, nowMs: () => performance.now()})
