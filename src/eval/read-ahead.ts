/** Asks for the next item while the present one is in use: two items are held at once, never more. */
export async function* readAhead<Item>(
  source: AsyncGenerator<Item, void, void>,
): AsyncGenerator<Item, void, void> {
  let next = source.next()
  try {
    for (;;) {
      const result = await next
      if (result.done === true) return
      next = source.next()
      // A failure shows when its turn comes; until then it must not count as unhandled.
      next.catch(() => undefined)
      yield result.value
    }
  } finally {
    await source.return()
  }
}
