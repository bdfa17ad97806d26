import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {cacheFolderFromEnvironment} from '../data/cache-folder.ts'
import type {JudgeEnvironment} from './open-judge.ts'
import {fileReplyCache} from './reply-cache.ts'
import {judgeKeyFromEnvironment} from './server/judge-key.ts'
import {JudgingStopped} from './stopped.ts'

/** What judges need, from this machine: the key and the cache's folder (SLM_CACHE) from the environment, clock and network. */
export function environmentOf(stopNow: AbortSignal): JudgeEnvironment {
  return {
    key: judgeKeyFromEnvironment(),
    cache: fileReplyCache(join(cacheFolderFromEnvironment(), 'judge')),
    fetch,
    nowMs: Date.now,
    wait: async (ms) => {
      await setTimeout(ms, undefined, {signal: stopNow}).catch(() => {
        throw new JudgingStopped('interrupted')
      })
    },
    random: Math.random,
    stopNow,
  }
}
