import {open, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {SlmError} from '../errors.ts'
import {writeAtomically} from './atomic-file.ts'
import {jsonlLines} from './jsonl-lines.ts'
import {type Manifest, manifestSchema, planDifferences} from './manifest.ts'
import {findRun, RUN_FILES, readRun, type StoredRun} from './read-run.ts'
import {parseRecord} from './record-line.ts'
import {comparePlaces, placeOf, type RecordPlace} from './record-order.ts'
import {jsonText, refuseForeignFolder, refuseOtherPlan} from './run-folder.ts'
import {claimRunFolder} from './run-lock.ts'

/** Bytes that are gathered before a write. */
const WRITE_BYTES = 1 << 20

/**
 * Joins the shards of one plan into `out`: manifest and samples.jsonl, whose bytes are those of an unsharded run
 * (`timing` and the machine apart), because a record's place can be told from the record alone. Bounded memory.
 */
export async function mergeShards(
  folders: readonly string[],
  out: string,
  {allowPartial}: {readonly allowPartial: boolean},
): Promise<Manifest> {
  const runs = await Promise.all(folders.map(readRun))
  const missing = checkShards(runs, allowPartial)
  const first = runs[0]?.manifest
  if (first === undefined) throw new SlmError('merge-nothing', 'no run folders were given')
  const {shard: _, machine: __, ...plan} = first
  const manifest = manifestSchema.parse({
    ...plan,
    ...(missing.length === 0 ? {} : {missingShards: missing}),
    machine: {shards: runs.map(({manifest: {machine}}) => machine)},
  })
  const unlock = await claimRunFolder(out)
  try {
    const stored = await findRun(out)
    if (stored === undefined) await refuseForeignFolder(out)
    else refuseOtherPlan({...stored, manifest: withoutGaps(stored.manifest)}, withoutGaps(manifest))
    await writeSamples(runs, manifest, join(out, RUN_FILES.samples))
    await writeAtomically(join(out, RUN_FILES.manifest), jsonText(manifest))
    return manifest
  } finally {
    await unlock()
  }
}

/** A partial merge may be repeated with more shards. */
function withoutGaps({missingShards: _, ...manifest}: Manifest): Manifest {
  return manifest
}

/** Shards that are absent or unfinished; throws where they are not parts of one plan, or where gaps are not allowed. */
function checkShards(runs: readonly StoredRun[], allowPartial: boolean): number[] {
  const [first, ...others] = runs
  if (first === undefined) return []
  const seen = new Map<number, string>()
  for (const {folder, manifest} of runs) {
    if (manifest.shard === undefined)
      throw new SlmError('merge-no-shard', `${folder} is not a shard: it was run without --shard`)
    const twin = seen.get(manifest.shard.index)
    if (twin !== undefined)
      throw new SlmError('merge-twice', `${twin} and ${folder} both hold shard ${shardName(manifest)}`)
    seen.set(manifest.shard.index, folder)
  }
  for (const other of others) refuseMixed(first, other)
  const count = first.manifest.shard?.count ?? 1
  const absent = Array.from({length: count}, (_, part) => part + 1).filter((index) => !seen.has(index))
  const unfinished = runs.filter(({summary}) => summary === undefined)
  const gaps = [
    ...absent.map((index) => `shard ${index}/${count} is missing`),
    ...unfinished.map(({folder, manifest}) => `shard ${shardName(manifest)} (${folder}) is not finished`),
  ]
  if (gaps.length > 0 && !allowPartial)
    throw new SlmError('merge-incomplete', gaps.join('; '), {
      hint: 'Run what is missing, or give --allow-partial for a result that is marked as inconclusive.',
    })
  const unfinishedIndexes = unfinished.map(({manifest}) => manifest.shard?.index ?? 0)
  return [...absent, ...unfinishedIndexes].sort((a, b) => a - b)
}

function shardName({shard}: Manifest): string {
  return `${shard?.index}/${shard?.count}`
}

function refuseMixed(first: StoredRun, other: StoredRun): void {
  const differences = planDifferences(other.manifest, first.manifest)
  if (first.manifest.shard?.count !== other.manifest.shard?.count)
    differences.unshift(`shard ${shardName(other.manifest)}, there ${shardName(first.manifest)}`)
  if (differences.length === 0) return
  throw new SlmError(
    'merge-mixed',
    `${other.folder} is not of the same plan as ${first.folder} (${differences.slice(0, 4).join('; ')})`,
    {hint: 'Merge only shards of one command.'},
  )
}

/** The next unwritten line of one shard. */
interface Head {
  readonly line: string
  readonly place: RecordPlace
  readonly rest: AsyncGenerator<{line: string; place: RecordPlace}, void, void>
}

async function writeSamples(runs: readonly StoredRun[], manifest: Manifest, file: string): Promise<void> {
  const tasks = manifest.tasks.map(({name}) => name)
  const compare = (a: RecordPlace, b: RecordPlace): number => comparePlaces(a, b, manifest.poolRows)
  const advance = async (rest: Head['rest']): Promise<Head[]> => {
    const next = await rest.next()
    return next.done === true ? [] : [{...next.value, rest}]
  }
  let heads = (await Promise.all(runs.map(({folder}) => advance(placedLines(folder, tasks, compare))))).flat()
  const aside = `${file}.${process.pid}.part`
  const handle = await open(aside, 'w')
  let last: RecordPlace | undefined
  let pending = ''
  try {
    while (heads.length > 0) {
      const next = heads.reduce((best, head) => (compare(head.place, best.place) < 0 ? head : best))
      if (last !== undefined && compare(last, next.place) === 0)
        throw new SlmError(
          'run-damaged',
          `two shards hold sample ${next.place.index} of ${tasks[next.place.task]}`,
        )
      last = next.place
      pending += `${next.line}\n`
      if (pending.length >= WRITE_BYTES) {
        await handle.writeFile(pending)
        pending = ''
      }
      heads = [...heads.filter((head) => head !== next), ...(await advance(next.rest))]
    }
    await handle.writeFile(pending)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, file)
}

/** Lines with their places; refuses a file whose lines do not rise. */
async function* placedLines(
  folder: string,
  tasks: readonly string[],
  compare: (a: RecordPlace, b: RecordPlace) => number,
): Head['rest'] {
  const file = join(folder, RUN_FILES.samples)
  let last: RecordPlace | undefined
  for await (const {text, lineNumber, isComplete} of jsonlLines(file)) {
    if (!isComplete) return
    const place = placeOf(parseRecord(text, file, lineNumber), tasks)
    if (place.task < 0 || (last !== undefined && compare(last, place) >= 0))
      throw new SlmError('run-damaged', `${file}:${lineNumber}: the record is out of order`)
    last = place
    yield {line: text, place}
  }
}
