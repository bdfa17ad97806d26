import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {writeAtomically} from '../../store/atomic-file.ts'
import {type MeasuredJudge, measuredJudgeSchema} from '../../store/judgement.ts'

/** Beside the checkpoint that it was measured on. */
export const MEASURED_FILE = 'calibration.json'

const interval = z.object({value: z.number(), low: z.number(), high: z.number()})

/** `calibration.json`: written by `slm judge calibrate --keep`, read wherever the checkpoint judges. */
const fileSchema = z.object({
  format: z.literal(1),
  /** Of the graphs that were measured: other weights or another dtype were not. */
  digest: z.string(),
  dtype: z.string(),
  overall: measuredJudgeSchema,
  /** sha256 of the file of labels. */
  labelsDigest: z.string(),
  /** By the column that was named, such as what is wrong with a statement. */
  groups: z.array(
    z.object({
      name: z.string(),
      items: z.int().nonnegative(),
      raw: interval.or(z.object({missing: z.string()})),
      kappa: interval.or(z.object({missing: z.string()})),
      constantRaw: z.number(),
    }),
  ),
})
export type MeasuredFile = z.output<typeof fileSchema>

/** What was measured of exactly these graphs; undefined where nothing was, or where the file cannot be read. */
export async function readMeasured(folder: string, digest: string): Promise<MeasuredJudge | undefined> {
  const content = await readFile(join(folder, MEASURED_FILE), 'utf8').catch(() => undefined)
  if (content === undefined) return undefined
  try {
    const file = fileSchema.parse(JSON.parse(content))
    return file.digest === digest ? file.overall : undefined
  } catch {
    return undefined
  }
}

/** Writes it whole. Returns the file's path. */
export async function writeMeasured(folder: string, measured: MeasuredFile): Promise<string> {
  const file = join(folder, MEASURED_FILE)
  await writeAtomically(file, `${JSON.stringify(fileSchema.parse(measured), null, 2)}\n`)
  return file
}
