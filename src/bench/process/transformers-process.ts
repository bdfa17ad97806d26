import {basename, dirname, resolve} from 'node:path'
import {
  AutoModelForCausalLM,
  AutoModelForSeq2SeqLM,
  BaseStreamer,
  env,
  type PreTrainedModel,
  Tensor,
} from '@huggingface/transformers'
import {readCheckpointConfig} from '../../engine/checkpoint-config.ts'
import {findCheckpointFiles} from '../../engine/checkpoint-files.ts'
import {chooseDtype} from '../../engine/choose-dtype.ts'
import {vocabularySize} from '../../engine/model-sizes.ts'
import {defaultThreads} from '../../engine/session.ts'
import {SlmError} from '../../errors.ts'
import {benchPrompts} from '../prompts.ts'
import type {GenerationRequest, OpenedFacts, OpenRequest} from './messages.ts'
import type {OpenedProgram} from './program.ts'
import {serve} from './serve.ts'
import {timingOf} from './token-marks.ts'

/** transformers.js `generate` on the very files that our engine opens, greedy, with as many threads. */
async function open(request: OpenRequest): Promise<OpenedProgram> {
  const {folder} = request
  const config = await readCheckpointConfig(folder)
  const files = await findCheckpointFiles(folder, config)
  const dtype = chooseDtype(folder, files, config, request.dtype)
  const isPair = config.model?.is_encoder_decoder === true
  const threads = request.threads ?? defaultThreads()
  // A local model is found by its name in a folder of models.
  env.localModelPath = dirname(resolve(folder))
  const model = await (isPair ? AutoModelForSeq2SeqLM : AutoModelForCausalLM).from_pretrained(
    basename(resolve(folder)),
    {
      dtype,
      local_files_only: true,
      session_options: {intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3},
    },
  )
  const vocabulary = vocabularySize(config)
  if (vocabulary === undefined)
    throw new SlmError('vocabulary-unknown', `${folder}: config.json does not name the vocabulary's size`)
  const facts: OpenedFacts = {
    architecture: isPair ? 'enc-dec' : 'dec-only',
    dtype,
    vocabulary,
    contextLength: undefined,
    digest: request.digest,
    threads,
    notes: [],
    cannot: {},
  }
  return {
    facts,
    generate: (generation) => generate(model, generation, vocabulary),
    close: async () => {
      await model.dispose()
    },
  }
}

/** Called with the prompt first, then with the tokens of all rows, step by step. */
class Marks extends BaseStreamer {
  readonly times: number[] = []

  override put(): void {
    this.times.push(performance.now())
  }

  override end(): void {}
}

async function generate(model: PreTrainedModel, request: GenerationRequest, vocabulary: number) {
  const prompts = benchPrompts(request, vocabulary)
  const ids = BigInt64Array.from(prompts.flat(), BigInt)
  const dims = [request.batch, request.inputTokens]
  const streamer = new Marks()
  const start = performance.now()
  // The package's own type asks for every setting of a generation configuration.
  await model.generate({
    inputs: new Tensor('int64', ids, dims),
    attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
    min_new_tokens: request.outputTokens,
    max_new_tokens: request.outputTokens,
    do_sample: false,
    streamer,
  } as never)
  const marks = streamer.times.slice(1)
  if (marks.length !== request.outputTokens)
    throw new SlmError(
      'generation-failed',
      `transformers.js wrote ${marks.length} tokens instead of ${request.outputTokens}`,
    )
  return {...timingOf(start, marks), computeMs: undefined}
}

serve({open, nowMs: () => performance.now()})
