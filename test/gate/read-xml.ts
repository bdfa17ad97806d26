export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  /** Its own text, entities resolved. */
  text: string
}

const TOKEN = /<\?[^>]*\?>|<\/([\w-]+)>|<([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy
const ENTITIES: Readonly<Record<string, string>> = {amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'"}

/** Reads a document without comments, CDATA and namespaces; throws where it is not well-formed or holds what XML 1.0 forbids. */
export function readXml(text: string): XmlElement {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.test(text))
    throw new Error('forbidden character')
  const root: XmlElement = {name: '', attributes: {}, children: [], text: ''}
  const open = [root]
  let at = 0
  for (const match of text.matchAll(TOKEN)) {
    if (match.index !== at) break
    at += match[0].length
    const parent = open.at(-1)!
    if (match[1] !== undefined) {
      if (open.pop()?.name !== match[1]) throw new Error(`</${match[1]}> closes another element`)
    } else if (match[2] !== undefined) {
      const pairs = [...(match[3] ?? '').matchAll(/([\w-]+)="([^"]*)"/g)]
      const attributes = Object.fromEntries(pairs.map(([, key, value]) => [key, resolved(value ?? '')]))
      const element: XmlElement = {name: match[2], attributes, children: [], text: ''}
      parent.children.push(element)
      if (match[4] === '') open.push(element)
    } else if (match[5] !== undefined) parent.text += resolved(match[5])
  }
  if (at !== text.length || open.length !== 1 || root.children.length !== 1)
    throw new Error(`not well-formed at ${at}`)
  return root.children[0]!
}

function resolved(text: string): string {
  return text.replaceAll(/&([^;\s]*);?/g, (whole, name: string) => {
    const character = ENTITIES[name]
    if (character === undefined) throw new Error(`unknown entity ${whole}`)
    return character
  })
}
