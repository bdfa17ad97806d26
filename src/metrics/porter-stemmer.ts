/**
 * The stemmer behind ROUGE's `use_stemmer`: NLTK's PorterStemmer in its default mode NLTK_EXTENSIONS (NLTK 3.8.1), which
 * differs from Porter 1980 in many small ways. Words are lower case; a digit counts as a consonant.
 */
export function porterStem(word: string): string {
  const irregular = IRREGULAR.get(word)
  if (irregular !== undefined) return irregular
  if (word.length <= 2) return word
  let stem = withoutPlural(word)
  stem = withoutPastOrProgressive(stem)
  stem = withFinalYAsI(stem)
  stem = shortenDoubleSuffix(stem)
  stem = applyFirst(STEP_3, stem)
  stem = applyFirst(STEP_4, stem)
  stem = withoutFinalE(stem)
  return stem.endsWith('ll') && measure(stem.slice(0, -1)) > 1 ? stem.slice(0, -1) : stem
}

const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ['sky', 'sky'],
  ['skies', 'sky'],
  ['dying', 'die'],
  ['lying', 'lie'],
  ['tying', 'tie'],
  ['news', 'news'],
  ['inning', 'inning'],
  ['innings', 'inning'],
  ['outing', 'outing'],
  ['outings', 'outing'],
  ['canning', 'canning'],
  ['cannings', 'canning'],
  ['howe', 'howe'],
  ['proceed', 'proceed'],
  ['exceed', 'exceed'],
  ['succeed', 'succeed'],
])

interface Rule {
  readonly suffix: string
  readonly replacement: string
  readonly holds: (stem: string) => boolean
}

function rules(holds: (stem: string) => boolean, pairs: readonly (readonly [string, string])[]): Rule[] {
  return pairs.map(([suffix, replacement]) => ({suffix, replacement, holds}))
}

/** The first rule whose suffix fits decides, even when its condition then fails. */
function applyFirst(list: readonly Rule[], word: string): string {
  const rule = list.find(({suffix}) => word.endsWith(suffix))
  if (rule === undefined) return word
  const stem = word.slice(0, word.length - rule.suffix.length)
  return rule.holds(stem) ? stem + rule.replacement : word
}

const hasMeasure = (stem: string): boolean => measure(stem) > 0
const hasLongMeasure = (stem: string): boolean => measure(stem) > 1

// biome-ignore format: one rule list as in the paper, four to a line.
const STEP_2: readonly Rule[] = [
  ...rules(hasMeasure, [
    ['ational', 'ate'], ['tional', 'tion'], ['enci', 'ence'], ['anci', 'ance'],
    ['izer', 'ize'], ['bli', 'ble'], ['alli', 'al'], ['entli', 'ent'],
    ['eli', 'e'], ['ousli', 'ous'], ['ization', 'ize'], ['ation', 'ate'],
    ['ator', 'ate'], ['alism', 'al'], ['iveness', 'ive'], ['fulness', 'ful'],
    ['ousness', 'ous'], ['aliti', 'al'], ['iviti', 'ive'], ['biliti', 'ble'],
    ['fulli', 'ful'],
  ]),
  // NLTK measures the word without its last three letters here, so the `l` counts.
  {suffix: 'logi', replacement: 'log', holds: (stem) => hasMeasure(`${stem}l`)},
]

// biome-ignore format: one rule list as in the paper, four to a line.
const STEP_3: readonly Rule[] = rules(hasMeasure, [
  ['icate', 'ic'], ['ative', ''], ['alize', 'al'], ['iciti', 'ic'],
  ['ical', 'ic'], ['ful', ''], ['ness', ''],
])

// biome-ignore format: one rule list as in the paper.
const STEP_4: readonly Rule[] = [
  ...rules(hasLongMeasure, ['al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent'].map((suffix) => [suffix, ''])),
  {suffix: 'ion', replacement: '', holds: (stem) => hasLongMeasure(stem) && /[st]$/.test(stem)},
  ...rules(hasLongMeasure, ['ou', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize'].map((suffix) => [suffix, ''])),
]

/** Step 1a. */
function withoutPlural(word: string): string {
  if (word.endsWith('ies')) return word.slice(0, word.length === 4 ? -1 : -2)
  if (word.endsWith('sses')) return word.slice(0, -2)
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}

/** Step 1b. */
function withoutPastOrProgressive(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, word.length === 4 ? -1 : -2)
  if (word.endsWith('eed')) return hasMeasure(word.slice(0, -3)) ? word.slice(0, -1) : word
  const stem = ['ed', 'ing']
    .filter((suffix) => word.endsWith(suffix))
    .map((suffix) => word.slice(0, -suffix.length))
    .find(containsVowel)
  if (stem === undefined) return word
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`
  if (endsInDoubleConsonant(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1)
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem
}

/** Step 1c: NLTK turns `y` into `i` after a consonant that is not the word's first letter. */
function withFinalYAsI(word: string): string {
  const stem = word.slice(0, -1)
  const turns = word.endsWith('y') && stem.length > 1 && consonants(stem).at(-1) === true
  return turns ? `${stem}i` : word
}

/** Step 2; NLTK runs it again after `-alli` became `-al`. */
function shortenDoubleSuffix(word: string): string {
  if (word.endsWith('alli') && hasMeasure(word.slice(0, -4))) return shortenDoubleSuffix(word.slice(0, -2))
  return applyFirst(STEP_2, word)
}

/** Step 5a. */
function withoutFinalE(word: string): string {
  if (!word.endsWith('e')) return word
  const stem = word.slice(0, -1)
  const size = measure(stem)
  return size > 1 || (size === 1 && !endsShort(stem)) ? stem : word
}

/** For each letter whether it is a consonant; `y` is one at the start and after a vowel. */
function consonants(word: string): boolean[] {
  const found: boolean[] = []
  for (const letter of word) found.push(letter === 'y' ? found.at(-1) !== true : !'aeiou'.includes(letter))
  return found
}

/** Porter's m: how often a vowel is followed by a consonant. */
function measure(stem: string): number {
  const kinds = consonants(stem)
  let count = 0
  for (let index = 1; index < kinds.length; index += 1) if (kinds[index]! && !kinds[index - 1]!) count += 1
  return count
}

function containsVowel(stem: string): boolean {
  return consonants(stem).includes(false)
}

function endsInDoubleConsonant(word: string): boolean {
  return word.length >= 2 && word.at(-1) === word.at(-2) && consonants(word).at(-1) === true
}

/** Porter's *o, consonant vowel consonant with the last not w, x or y; NLTK adds words of a vowel and a consonant. */
function endsShort(word: string): boolean {
  const kinds = consonants(word)
  if (word.length === 2) return !kinds[0]! && kinds[1]!
  const [first, second, third] = kinds.slice(-3)
  return first === true && second === false && third === true && !/[wxy]$/.test(word)
}
