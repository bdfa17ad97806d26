import {resolve} from 'node:path'
import type {BenchConfig, Peer} from '../config/bench-config.ts'
import type {Dtype} from '../engine/language-model.ts'
import {runtimeMessage} from '../engine/runtime-message.ts'
import {SlmError} from '../errors.ts'
import type {ResolvedModel} from '../inference/resolve-model.ts'
import type {BenchPlan} from '../store/bench-manifest.ts'
import type {Description, OpenRequest} from './process/messages.ts'
import {askFresh} from './process/start.ts'

const LLAMA = 'node-llama-cpp' satisfies Peer

/** A model with the program that runs it: what the columns of a benchmark are. */
export interface Subject {
  /** Unique in the run. */
  readonly label: string
  readonly program: string
  /** The module of its measured process. */
  readonly script: URL
  readonly request: OpenRequest
  readonly description: Description
}

/** What the manifest and every kind of record say of a model alike. */
export function recordedFacts({
  request,
  program,
  description: {facts, parameters},
}: Subject): Omit<BenchPlan['models'][number], 'label'> {
  return {
    name: request.name,
    program,
    architecture: facts.architecture,
    dtype: facts.dtype,
    digest: facts.digest ?? {missing: 'not known'},
    parameters: parameters ?? {missing: 'the files do not show it'},
  }
}

/** The module of each program's process. */
export interface ProgramScripts {
  readonly slm: URL
  readonly [program: string]: URL
}

export interface SubjectOptions {
  /** Where a model that was named lies. */
  readonly resolve: (reference: string) => Promise<ResolvedModel>
  /** Tests give their own. */
  readonly scripts: ProgramScripts
  readonly onNote: (text: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Our own program's process, and those of the peers. */
export function benchScripts(): ProgramScripts {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const script = (name: string): URL => new URL(`./process/${name}-process.${extension}`, import.meta.url)
  return {
    slm: script('slm'),
    'transformers.js': script('transformers'),
    'node-llama-cpp': script('llama'),
  }
}

/** Opens every model once, in a process of its own, and reads what the records say of it. Errors: those of opening. */
export async function openSubjects(config: BenchConfig, options: SubjectOptions): Promise<Subject[]> {
  refuseWrongFile(config)
  const subjects: Subject[] = []
  // Models of one dtype stand side by side: they are what is compared.
  for (const dtype of config.dtype ?? [undefined]) {
    for (const reference of config.model) {
      const own = await openOwn(reference, dtype, config, options)
      subjects.push(own)
      if (config.against !== undefined)
        subjects.push(await openPeer(config.against, config.gguf, own, options))
    }
  }
  return withUniqueLabels(subjects)
}

/** One file is one model in one form, and only one of the peers opens it. */
function refuseWrongFile({against, gguf, model, dtype = []}: BenchConfig): void {
  if (against === LLAMA && gguf === undefined)
    throw new SlmError('usage', `--against ${LLAMA} needs the model as a GGUF file`, {
      hint: 'Give --gguf FILE, the same weights in that format.',
    })
  if (gguf === undefined) return
  if (against !== LLAMA)
    throw new SlmError('usage', '--gguf is read by one peer only', {
      hint: `Give --against ${LLAMA}, or leave --gguf out.`,
    })
  if (model.length > 1 || dtype.length > 1)
    throw new SlmError('usage', 'one --gguf file cannot stand for several models or dtypes', {
      hint: 'Give one --model and one --dtype.',
    })
}

async function openOwn(
  reference: string,
  dtype: string | undefined,
  config: BenchConfig,
  {resolve: place, scripts, onNote, signal}: SubjectOptions,
): Promise<Subject> {
  const {name, folder} = await place(reference)
  const request: OpenRequest = {
    folder,
    name,
    // The configuration has checked the names.
    dtype: dtype as Dtype | undefined,
    threads: config.threads,
    digest: undefined,
    prefixCache: true,
    peerFile: undefined,
  }
  onNote(`opening ${name}${dtype === undefined ? '' : ` ${dtype}`}`)
  const {description} = await askFresh(scripts.slm, {kind: 'describe', model: request}, 'described', signal)
  return {
    label: config.dtype !== undefined && config.dtype.length > 1 ? `${name} ${dtype}` : name,
    program: 'slm',
    script: scripts.slm,
    request: {...request, digest: description.facts.digest},
    description,
  }
}

/** A peer that cannot open the model says so here, before anything is measured. */
async function openPeer(
  program: Peer,
  gguf: string | undefined,
  own: Subject,
  {scripts, onNote, signal}: SubjectOptions,
): Promise<Subject> {
  const script = scripts[program]
  if (script === undefined) throw new Error(`no process is known for ${program}`)
  const {facts: ownFacts, parameters, work} = own.description
  if (gguf !== undefined && ownFacts.architecture === 'enc-dec')
    throw new SlmError('usage', `${program} runs no encoder-decoder models of this kind`, {
      hint: 'Name a decoder-only model.',
    })
  const request: OpenRequest =
    gguf === undefined ? own.request : {...own.request, digest: undefined, peerFile: resolve(gguf)}
  const label = `${own.label} (${program})`
  onNote(`opening ${label}`)
  const {facts} = await askFresh(script, {kind: 'open', model: request}, 'opened', signal).catch((cause) => {
    if (cause instanceof SlmError) throw cause
    throw new SlmError('peer-failed', `${program} cannot open the model: ${runtimeMessage(cause)}`, {
      hint: `Check ${request.peerFile ?? request.folder}, or leave --against out.`,
      cause,
    })
  })
  const {dtype, digest, threads, notes} = facts
  return {
    label,
    program,
    script,
    request: {...request, digest},
    description: {
      facts: {...ownFacts, dtype, digest, threads, notes},
      parameters,
      // What is counted on our own graphs holds where these very files are run.
      work: gguf === undefined ? work : undefined,
    },
  }
}

/** Two folders may have one name: their places in the command tell them apart. */
function withUniqueLabels(subjects: readonly Subject[]): Subject[] {
  const seen = new Map<string, number>()
  return subjects.map((subject) => {
    const times = (seen.get(subject.label) ?? 0) + 1
    seen.set(subject.label, times)
    return times === 1 ? subject : {...subject, label: `${subject.label} #${times}`}
  })
}
