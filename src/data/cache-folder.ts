import {homedir} from 'node:os'
import {join, resolve} from 'node:path'

/** Where downloads are kept: `SLM_CACHE`, or `~/.cache/slm`. Reads the environment. */
export function cacheFolderFromEnvironment(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['SLM_CACHE']
  return named !== undefined && named !== '' ? resolve(named) : join(homedir(), '.cache', 'slm')
}
