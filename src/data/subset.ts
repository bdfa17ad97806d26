import {createHash} from 'node:crypto'

/** The first `count` items, in order. */
export async function* firstOf<Item>(
  items: AsyncIterable<Item>,
  count: number,
): AsyncGenerator<Item, void, void> {
  if (count <= 0) return
  let taken = 0
  for await (const item of items) {
    yield item
    taken += 1
    if (taken >= count) return
  }
}

/**
 * `count` items drawn without replacement, in the order of the data. Those with the smallest hash of seed and id are
 * drawn, so the choice depends neither on the order of the rows nor on how many there are, a larger count keeps all
 * items of a smaller one, and memory holds at most `2 * count` items.
 */
export async function seededSample<Item>(
  items: AsyncIterable<Item>,
  {count, seed, idOf}: {readonly count: number; readonly seed: number; readonly idOf: (item: Item) => string},
): Promise<Item[]> {
  type Drawn = {readonly item: Item; readonly place: number; readonly rank: string}
  const smallest = (drawn: Drawn[]): Drawn[] =>
    drawn.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.place - b.place)).slice(0, count)
  let drawn: Drawn[] = []
  let place = 0
  for await (const item of items) {
    drawn.push({
      item,
      place,
      rank: createHash('sha256')
        .update(`${seed}\n${idOf(item)}`)
        .digest('hex'),
    })
    place += 1
    if (drawn.length >= 2 * Math.max(count, 512)) drawn = smallest(drawn)
  }
  return smallest(drawn)
    .sort((a, b) => a.place - b.place)
    .map(({item}) => item)
}
