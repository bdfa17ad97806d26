import {createHash} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import type {JudgeConfig} from '../../config/judge-config.ts'
import {SlmError} from '../../errors.ts'
import {resolveModel} from '../../inference/resolve-model.ts'
import {writeMeasured} from '../local/measured-judge.ts'
import {EMBEDDED_JUDGE} from '../open-judge.ts'
import type {AgreementValue} from './agreement-report.ts'
import type {Calibration} from './calibrate.ts'

/**
 * Writes what was measured beside the local judge that it was measured on, with the digests of its graphs and of the
 * labels. Returns the file's path. Errors: `calibration-unfit`, for a server, and where there is no kappa.
 */
export async function keepMeasured(
  {agreement, rows, groups, card}: Calibration,
  labels: string,
  {judge = EMBEDDED_JUDGE}: Pick<JudgeConfig, 'judge'>,
): Promise<string> {
  if (card?.judge.kind !== 'checkpoint' || card.method !== 'answer-correctness')
    throw unfit('only statements that a local checkpoint judged can be kept')
  const kappa = agreement?.judge.kappa
  if (agreement === undefined || kappa === undefined || 'missing' in kappa)
    throw unfit('there is no kappa: the judge or the labels say the same of everything')
  const {folder} = await resolveModel(judge)
  const content = await readFile(labels)
  return writeMeasured(folder, {
    format: 1,
    digest: card.judge.digest,
    dtype: card.judge.dtype,
    overall: {
      kappa: {value: kappa.value, low: kappa.low, high: kappa.high, count: agreement.items},
      constantRaw: constantRaw(agreement.constant.raw),
      rows,
      labels: join(basename(dirname(labels)), basename(labels)),
    },
    labelsDigest: createHash('sha256').update(content).digest('hex'),
    groups: groups.map(({name, agreement: {items, judge: measured, constant}}) => ({
      name,
      items,
      raw: boundsOf(measured.raw),
      kappa: boundsOf(measured.kappa),
      constantRaw: constantRaw(constant.raw),
    })),
  })
}

function boundsOf(value: AgreementValue) {
  if ('missing' in value) return {missing: value.missing}
  return {value: value.value, low: value.low, high: value.high}
}

function constantRaw(value: AgreementValue): number {
  return 'missing' in value ? 0 : value.value
}

function unfit(what: string): SlmError {
  return new SlmError('calibration-unfit', what, {hint: 'Leave out --keep to see what was measured.'})
}
