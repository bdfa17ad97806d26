import {readFile, stat} from 'node:fs/promises'
import {SlmError} from '../errors.ts'
import {oneLine} from '../report/page.ts'
import {parsedBy} from '../store/read-run.ts'
import {baselineDigest} from './baseline-digest.ts'
import {type Baseline, type BaselineTask, baselineSchema} from './baseline-schema.ts'
import {type Sample, type Side, statisticList} from './side.ts'

/** No baseline comes near it: a million samples of four metrics take about 120 MB. */
const MOST_BYTES = 256 * 2 ** 20

/** Reads a file that `slm baseline save` wrote; one that was cut, edited or is something else is refused in one line. */
export async function readBaseline(file: string): Promise<Baseline> {
  const checked = parsedBy(baselineSchema, await parsed(file))
  if (checked === undefined) throw refused(file, 'it is nested too deeply')
  if (!checked.success) {
    const issue = checked.error.issues[0]
    const place = oneLine(issue?.path.map(String).join('.') || 'the file').slice(0, 80)
    throw refused(file, `${place}: ${oneLine(issue?.message ?? 'is not valid')}`)
  }
  const baseline = checked.data
  if (baselineDigest(baseline) !== baseline.digest)
    throw refused(
      file,
      'its content does not fit its digest: it was edited by hand, or merged from two branches',
    )
  if (new Set(baseline.tasks.map(({name}) => name)).size !== baseline.tasks.length)
    throw refused(file, 'it names a task twice')
  for (const task of baseline.tasks) refuseUneven(file, task)
  return baseline
}

async function parsed(file: string): Promise<unknown> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() !== true)
    throw new SlmError(
      'baseline-missing',
      `${file} ${found === undefined ? 'does not exist' : 'is no file'}`,
      {
        hint: 'Baseline files are written by slm baseline save.',
      },
    )
  const {size} = found
  if (size > MOST_BYTES) throw refused(file, `it has ${size} bytes, and a baseline has at most ${MOST_BYTES}`)
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    throw refused(file, 'it is not JSON, or was cut')
  }
}

/** Every sample must have statistics of each metric, as many as the others have. */
function refuseUneven(file: string, {name, metrics, samples}: BaselineTask): void {
  const lengths = metrics.map(() => 0)
  const ids = new Set<string>()
  for (const row of samples) {
    const where = (): string => oneLine(`${name}, sample ${row.id}`).slice(0, 120)
    if (ids.has(row.id)) throw refused(file, `${where()} stands there twice`)
    ids.add(row.id)
    if ('failed' in row) continue
    if (row.statistics.length !== metrics.length)
      throw refused(
        file,
        `${where()} has statistics of ${row.statistics.length} metrics, not of ${metrics.length}`,
      )
    for (const [place, statistic] of row.statistics.entries()) {
      const {length} = statisticList(statistic)
      if (length === 0) continue
      if (lengths[place] === 0) lengths[place] = length
      else if (lengths[place] !== length) throw refused(file, `${where()} has another number of statistics`)
    }
  }
}

function refused(file: string, why: string): SlmError {
  return new SlmError('baseline-damaged', `${file}: ${why}`, {
    hint: 'Save it again with slm baseline save RUN --out FILE, or restore it from git.',
  })
}

/** A baseline as a side of a comparison. */
export function sideOfBaseline(path: string, baseline: Baseline): Side {
  const {slmBaseline: _, digest: __, tasks, ...facts} = baseline
  return {
    path,
    kind: 'baseline',
    facts,
    machine: undefined,
    unfinished: undefined,
    lostRecords: 0,
    tasks: tasks.map(({values: _values, samples, ...part}) => ({
      part,
      samples: new Map(samples.map((row) => [row.id, sampleOf(row)])),
    })),
  }
}

function sampleOf(row: BaselineTask['samples'][number]): Sample {
  if ('failed' in row) return {status: 'failed', stage: row.failed}
  const {answerDigest, statistics, answer} = row
  return {
    status: 'scored',
    answerDigest,
    statistics,
    timing: undefined,
    text: answer === undefined ? {kind: 'missing'} : {kind: 'text', answer},
  }
}
