// Finds commands by a few letters in order: "rr" finds "Rotate right".

/** How well `query` fits: smaller is better, undefined when its letters do not occur in order. Case does not count. */
export function fuzzyScore(query: string, text: string): number | undefined {
  const wanted = query.toLowerCase().replaceAll(/\s+/g, '');
  const hay = text.toLowerCase();
  const direct = hay.indexOf(query.trim().toLowerCase());
  if (direct >= 0) return direct === 0 || hay[direct - 1] === ' ' ? direct / 100 : 1 + direct / 100;
  let at = -1;
  let score = 2;
  for (const letter of wanted) {
    const next = hay.indexOf(letter, at + 1);
    if (next < 0) return undefined;
    // Letters that begin a word or follow the last one are cheap.
    score += next === at + 1 || hay[next - 1] === ' ' ? 0 : 1;
    at = next;
  }
  return score;
}

/** Those that fit, best first; all of them, in their order, for an empty query. */
export function fuzzyFind<Item>(query: string, items: readonly Item[], textOf: (item: Item) => string): Item[] {
  if (query.trim() === '') return [...items];
  return items
    .map((item) => ({ item, score: fuzzyScore(query, textOf(item)) }))
    .filter((each): each is { item: Item; score: number } => each.score !== undefined)
    .sort((a, b) => a.score - b.score)
    .map(({ item }) => item);
}
