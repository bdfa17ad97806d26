import {type GatePolicy, gatedMetricsOf} from '../config/gate-policy.ts'
import {SlmError} from '../errors.ts'
import {answersCheck} from './answers-check.ts'
import {type Check, overallVerdict, type Verdict} from './checks.ts'
import {changesOf, type Difference, differencesOf, refuseDifferences} from './differences.ts'
import {type Flips, flipsOf, type ScoreOf} from './flips.ts'
import {draftMetrics, judgeMetrics, type MetricDraft} from './metric-checks.ts'
import {pairSamples, type SamplePair} from './pair-samples.ts'
import {latencyChecks, memoryCheck, whyNoTimes} from './ratio-checks.ts'
import {refuseCutBaseline} from './read-run-side.ts'
import {isCounted, type Side, statisticList, type TaskScores} from './side.ts'
import {type KnownMetrics, knownMetrics} from './statistics-of.ts'

export interface GateOptions {
  readonly policy: GatePolicy
  /** Tasks of the baseline to compare; all when absent. */
  readonly tasks?: readonly string[] | undefined
}

/** The whole answer of a gate. Equal records give an equal value. */
export interface GateResult {
  readonly verdict: Verdict
  readonly run: string
  readonly baseline: string
  /** `name: old -> new` for what changed of the model and the programs around it. */
  readonly changes: readonly string[]
  /** Conditions that differ and were allowed to. */
  readonly differences: readonly Difference[]
  readonly checks: readonly Check[]
  readonly flips: Readonly<Record<string, Flips>>
  /** Why a side is not whole; the verdict is then inconclusive. */
  readonly unfinished: readonly string[]
  readonly notes: readonly string[]
}

/** Compares a run with its baseline, sample by sample. */
export async function gate(run: Side, baseline: Side, options: GateOptions): Promise<GateResult> {
  const {policy} = options
  const tasks = chosenTasks(baseline, options)
  refuseCutBaseline(baseline)
  refuseUnknownNames(policy, baseline, run)
  const shared = tasks.flatMap((old) => {
    const now = run.tasks.find(({part}) => part.name === old.part.name)
    return now === undefined ? [] : [{old, now}]
  })
  const differences = shared.flatMap(({old, now}) =>
    differencesOf(old.part.name, {side: baseline, part: old.part}, {side: run, part: now.part}),
  )
  refuseDifferences(differences, policy.allowDifferent)
  const known = await knownMetrics(baseline.tasks.map(({part}) => part))
  const compared = shared.map(({old, now}) => comparedTask(old, now, {policy, differences, known, run}))
  const checks = allChecks(tasks, compared, {run, baseline, policy})
  const flips: [string, Flips][] = []
  for (const task of compared) flips.push([task.name, await taskFlips(task, {run, baseline, policy, known})])
  const unfinished = [baseline, run].flatMap((side) =>
    side.unfinished === undefined ? [] : [`${side.path}: ${side.unfinished}`],
  )
  return {
    verdict: overallVerdict(checks, unfinished),
    run: run.path,
    baseline: baseline.path,
    changes: changesOf(baseline, run),
    differences,
    checks,
    flips: Object.fromEntries(flips),
    unfinished,
    notes: [
      ...compared.filter(({drafts}) => drafts.length === 0).map(({name}) => `no metric of ${name} is gated`),
      ...addedNotes(baseline, run),
    ],
  }
}

function chosenTasks({path, tasks}: Side, {tasks: names}: GateOptions): readonly TaskScores[] {
  for (const name of names ?? [])
    if (!tasks.some(({part}) => part.name === name))
      throw new SlmError('gate-task', `the baseline ${path} has no task ${name}`, {
        hint: `It has: ${tasks.map(({part}) => part.name).join(', ')}.`,
      })
  return tasks.filter(({part}) => names?.includes(part.name) ?? true)
}

/** A limit for a name that nobody has would hold nothing in silence. */
function refuseUnknownNames(policy: GatePolicy, ...sides: readonly Side[]): void {
  const parts = sides.flatMap(({tasks}) => tasks.map(({part}) => part))
  const refuse = (what: string, known: readonly string[]): SlmError =>
    new SlmError('gate-policy', `the policy names ${what}, which neither run nor baseline has`, {
      hint: `There are: ${[...new Set(known)].join(', ')}.`,
    })
  for (const task of Object.keys(policy.tasks))
    if (!parts.some(({name}) => name === task))
      throw refuse(
        `the task ${task}`,
        parts.map(({name}) => name),
      )
  for (const task of new Set(parts.map(({name}) => name)))
    for (const metric of gatedMetricsOf(policy, task) ?? []) {
      const isGlobal = policy.tasks[task]?.metrics === undefined
      const metrics = parts
        .flatMap((part) => (isGlobal || part.name === task ? part.metrics : []))
        .map(({id}) => id)
      if (!metrics.includes(metric))
        throw refuse(`the metric ${metric}${isGlobal ? '' : ` of ${task}`}`, metrics)
    }
}

/** One task of both sides after its samples were paired and tested. */
interface ComparedTask {
  readonly name: string
  readonly old: TaskScores
  readonly now: TaskScores
  readonly pairs: readonly SamplePair[]
  readonly samples: Check
  readonly drafts: readonly MetricDraft[]
}

function comparedTask(
  old: TaskScores,
  now: TaskScores,
  {
    policy,
    differences,
    known,
    run,
  }: {policy: GatePolicy; differences: readonly Difference[]; known: KnownMetrics; run: Side},
): ComparedTask {
  const {name} = old.part
  const areDataDifferent = differences.some(({task, kind}) => task === name && kind === 'data')
  const {pairs, check} = pairSamples(old, now, {areDataDifferent, isUnfinished: run.unfinished !== undefined})
  return {name, old, now, pairs, samples: check, drafts: draftMetrics(old, now, pairs, known, policy)}
}

interface Context {
  readonly run: Side
  readonly baseline: Side
  readonly policy: GatePolicy
}

/** All p values are corrected together before any metric is judged. */
function allChecks(
  tasks: readonly TaskScores[],
  compared: readonly ComparedTask[],
  {run, baseline, policy}: Context,
): Check[] {
  const metrics = judgeMetrics(
    compared.flatMap(({drafts}) => drafts),
    policy,
  )
  const whyNot = whyNoTimes(baseline, run)
  const perTask = tasks.flatMap(({part: {name}}): Check[] => {
    const task = compared.find((one) => one.name === name)
    if (task === undefined)
      return [{kind: 'task', task: name, verdict: 'regression', why: 'the run does not have this task'}]
    return [
      task.samples,
      ...metrics.filter((metric) => metric.task === name),
      answersCheck(name, task.pairs, policy),
      ...latencyChecks(name, task.pairs, whyNot, policy),
    ]
  })
  return [...perTask, memoryCheck(baseline, run, whyNot, policy)]
}

async function taskFlips(
  {name, old, now, pairs}: ComparedTask,
  {run, baseline, policy, known}: Context & {readonly known: KnownMetrics},
): Promise<Flips> {
  const gated = gatedMetricsOf(policy, name)
  const both = old.part.metrics
    .map(({id}) => id)
    .filter((id) => now.part.metrics.some((other) => other.id === id))
  const metric = both.find((id) => gated?.includes(id) ?? true) ?? both[0] ?? 'none'
  const value = known.get(metric)?.value
  const places = {
    baseline: old.part.metrics.findIndex(({id}) => id === metric),
    run: now.part.metrics.findIndex(({id}) => id === metric),
  }
  const scoreOf: ScoreOf = (sample, side) => {
    const statistic = sample.statistics[places[side]]
    return isCounted(statistic) ? value?.(statisticList(statistic), 1) : undefined
  }
  return flipsOf(pairs, {baseline, run}, {metric, scoreOf, most: policy.flips})
}

/** What the run has and the baseline does not: nothing guards it yet. */
function addedNotes(baseline: Side, run: Side): string[] {
  return run.tasks.flatMap(({part}) => {
    const old = baseline.tasks.find((task) => task.part.name === part.name)
    if (old === undefined) return [`${part.name} is not in the baseline and was not gated`]
    const added = part.metrics.filter(({id}) => !old.part.metrics.some((metric) => metric.id === id))
    return added.length === 0
      ? []
      : [`${part.name}: ${added.map(({id}) => id).join(', ')} not in the baseline and not gated`]
  })
}
