import {resolve} from 'node:path'
import type {BenchConfig} from '../config/bench-config.ts'
import type {Dtype} from '../engine/language-model.ts'
import {SlmError} from '../errors.ts'
import type {ResolvedModel} from '../inference/resolve-model.ts'
import type {Description, OpenRequest} from './process/messages.ts'
import {askFresh} from './process/start.ts'

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
  const subjects: Subject[] = []
  // Models of one dtype stand side by side: they are what is compared.
  for (const dtype of config.dtype ?? [undefined]) {
    for (const reference of config.model) {
      const {name, folder} = await options.resolve(reference)
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
      options.onNote(`opening ${name}${dtype === undefined ? '' : ` ${dtype}`}`)
      const {description} = await askFresh(
        options.scripts.slm,
        {kind: 'describe', model: request},
        'described',
        options.signal,
      )
      const shown = config.dtype !== undefined && config.dtype.length > 1 ? `${name} ${dtype}` : name
      const own = {...request, digest: description.facts.digest}
      subjects.push({
        label: shown,
        program: 'slm',
        script: options.scripts.slm,
        request: own,
        description,
      })
      if (config.against === undefined) continue
      const peer = peerOf(config.against, config, {label: shown, request: own, description}, options)
      options.onNote(`opening ${peer.label}`)
      // A peer that cannot open the model says so before anything is measured.
      await askFresh(peer.script, {kind: 'open', model: peer.request}, 'opened', options.signal)
      subjects.push(peer)
    }
  }
  return withUniqueLabels(subjects)
}

function scriptOf(program: string, {scripts}: SubjectOptions): URL {
  const script = scripts[program]
  if (script === undefined) throw new Error(`no process is known for ${program}`)
  return script
}

function peerOf(
  program: string,
  config: BenchConfig,
  own: Pick<Subject, 'label' | 'request' | 'description'>,
  options: SubjectOptions,
): Subject {
  const needsFile = program === 'node-llama-cpp'
  if (needsFile && config.gguf === undefined)
    throw new SlmError('usage', `--against ${program} needs the model as a GGUF file`, {
      hint: 'Give --gguf FILE, the same weights in that format.',
    })
  if (needsFile && own.description.facts.architecture === 'enc-dec')
    throw new SlmError('usage', `${program} runs no encoder-decoder models of this kind`, {
      hint: 'Name decoder-only models only.',
    })
  return {
    ...own,
    label: `${own.label} (${program})`,
    program,
    script: scriptOf(program, options),
    request: {...own.request, peerFile: needsFile ? resolve(config.gguf ?? '') : undefined},
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
