import {existsSync} from 'node:fs'
import {join} from 'node:path'
import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {name as makeName, type NameKind} from '../data/miniature/names.ts'
import {seededRandom} from '../stats/random.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import {reproducePaths} from './reproduce-paths.ts'

const KINDS: readonly NameKind[] = ['person', 'town', 'firm', 'river']
/** Draws of each kind: several for every name there is. */
const DRAWS = 5000

/**
 * How many of the miniatures' names are one token, in training and held out. A network that finds a trained name in one
 * token need not learn to copy pieces, and then cannot copy the names of the test.
 */
export async function nameTokensNote(config: ReproduceConfig): Promise<readonly string[]> {
  const folder = reproducePaths(config.out).tokenizer
  const isMiniature = config.tasks.some((task) => task === 'squad-mini' || task === 'xsum-mini')
  if (!isMiniature || !existsSync(join(folder, 'tokenizer.json'))) return []
  const tokenizer = await openTokenizer(folder)
  const shareOf = (split: 'train' | 'test'): string => {
    const names = namesOf(split)
    // As they stand inside a sentence: after a space.
    const single = names.filter(
      (name) => tokenizer.encode(` ${name}`, {addSpecialTokens: false}).length === 1,
    )
    return `${single.length} of ${names.length}`
  }
  return [
    `Names of the miniatures that are one token: ${shareOf('train')} in training, ${shareOf('test')} held out.`,
  ]
}

function namesOf(split: 'train' | 'test'): readonly string[] {
  const random = seededRandom(1)
  const names = KINDS.flatMap((kind) => Array.from({length: DRAWS}, () => makeName(random, kind, split)))
  return [...new Set(names)].sort()
}
