import {stat} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {SlmError} from '../errors.ts'
import {pullFromHub} from './hub-environment.ts'
import type {PullModel} from './pull-checkpoint.ts'
import {checkpointsFolder, shippedNames} from './shipped-checkpoints.ts'

/** Where a model that the user named lies. */
export interface ResolvedModel {
  /** As the user named it, without the way to it: what tables show. */
  readonly name: string
  /** Absolute. */
  readonly folder: string
}

/** No part may begin with a dot: it becomes a folder of the cache. */
const HUB_ID = /^(?!\.)[\w.-]+\/(?!\.)[\w.-]+(?:@(?!\.)[\w./-]+)?$/

/**
 * Finds a model by folder, shipped name or hub id `owner/name[@revision]`, in that order.
 * Errors: `model-unknown`; those of the download.
 */
export async function resolveModel(
  reference: string,
  pull: PullModel = pullFromHub(),
): Promise<ResolvedModel> {
  if (await isFolder(reference)) {
    const folder = resolve(reference)
    return {name: folder.split(/[\\/]/).at(-1) ?? reference, folder}
  }
  const shipped = await shippedNames()
  if (shipped.includes(reference)) return {name: reference, folder: join(checkpointsFolder(), reference)}
  if (HUB_ID.test(reference)) return {name: reference, folder: await pull(reference)}
  throw new SlmError('model-unknown', `no folder, shipped checkpoint or hub id "${reference}"`, {
    hint: `Shipped are: ${shipped.join(', ') || 'none'}. A hub id is owner/name or owner/name@revision.`,
  })
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
