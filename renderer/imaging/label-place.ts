// Where the text of a length goes: beside an end of its line, as near to it as the texts that are there already leave room.
type Point = readonly [x: number, y: number];

/** CSS pixels of the cell, as everything here. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** From the end of the line to the text. */
const AWAY_PX = 24;
const [CHARACTER_PX, LINE_PX] = [8, 17];
/** What is left free around the text. */
const MARGIN_PX = 6;

/** With its margin, for `lines` of text beside the line from `from` to `to`. In a cell without room it covers another. */
export function labelBox(
  [from, to]: readonly [Point, Point],
  lines: readonly string[],
  [cellWidth, cellHeight]: readonly [number, number],
  taken: readonly Box[],
): Box {
  const width = Math.max(...lines.map(({ length }) => length), 0) * CHARACTER_PX + 2 * MARGIN_PX;
  const height = lines.length * LINE_PX + 2 * MARGIN_PX;
  const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most));
  const sides = [Math.max(from[0], to[0]) + AWAY_PX, Math.min(from[0], to[0]) - AWAY_PX - width];
  const fitting = sides.filter((x) => x >= 0 && x + width <= cellWidth);
  const xs = fitting.length ? fitting : sides.map((x) => clamp(x, cellWidth - width));
  const middle = clamp((from[1] + to[1]) / 2 - height / 2, cellHeight - height);
  for (let away = 0; away < cellHeight; away += height)
    for (const x of xs)
      for (const y of [middle + away, middle - away]) {
        const box = { x, y, width, height };
        if (y >= 0 && y + height <= cellHeight && !taken.some((each) => overlap(each, box))) return box;
      }
  return { x: xs[0] ?? 0, y: middle, width, height };
}

export const boxOf = ([left, top]: Point, [right, bottom]: Point): Box => ({
  x: left,
  y: top,
  width: right - left,
  height: bottom - top,
});

const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;
