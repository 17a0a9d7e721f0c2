// The order of a stack: by position along the common normal where there is one, else by instance number, the frames of an
// instance together; the rule in force is said, and so are gaps and duplicates.

export interface Placed {
  positionLps: readonly [number, number, number] | undefined;
  orientation: readonly number[] | undefined;
  instanceNumber: number | undefined;
  /** In-concatenation Number: the parts of a concatenation share their instance number (PS3.3 C.7.6.16.2.2.4). */
  partNumber: number | undefined;
  /** Which instance of the series, in the order given: keeps its frames together where the numbers tell no instances apart. */
  instance: number;
  frameIndex: number;
}

export interface StackOrder<T> {
  items: T[];
  rule: 'position' | 'instance number' | 'frame';
  /** Positions that several images share (other echoes, phases, b-values). */
  hasSharedPositions: boolean;
  /** Distances of neighbours differ by more than a tenth. */
  isUneven: boolean;
  /** Places where neighbours lie more than one and a half usual distances apart: slices are missing or were left out. */
  gapCount: number;
  /** Images that share position and instance number with another: probably the same slice twice. */
  duplicateCount: number;
}

export function normalOf(orientation: readonly number[]): [number, number, number] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = orientation;
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
/** Cosines may differ by this much and still be one orientation. */
const PARALLEL = 1e-3;
const SAME_MM = 0.01;

const byHeader = (a: Placed, b: Placed): number =>
  (a.instanceNumber ?? 0) - (b.instanceNumber ?? 0) || (a.partNumber ?? 0) - (b.partNumber ?? 0);
const byNumber = (a: Placed, b: Placed): number =>
  byHeader(a, b) || a.instance - b.instance || a.frameIndex - b.frameIndex;

export function orderStack<T extends Placed>(items: readonly T[]): StackOrder<T> {
  const reference = items[0]?.orientation;
  const isPlaced =
    reference !== undefined &&
    items.length > 1 &&
    items.every(
      (item) =>
        item.positionLps &&
        item.orientation &&
        Math.abs(Math.abs(dot(normalOf(item.orientation), normalOf(reference))) - 1) < PARALLEL,
    );
  if (!isPlaced) {
    const isMultiFrame = items.some((item) => item.frameIndex > 0);
    return {
      items: [...items].sort(byNumber),
      rule: isMultiFrame ? 'frame' : 'instance number',
      hasSharedPositions: false,
      isUneven: false,
      gapCount: 0,
      duplicateCount: 0,
    };
  }
  const normal = normalOf(reference);
  const at = new Map(items.map((item) => [item, dot(item.positionLps ?? [], normal)]));
  const places = placesOf(items, at);
  const sorted = places.flat();
  const steps = sorted.slice(1).map((item, index) => (at.get(item) ?? 0) - (at.get(sorted[index] ?? item) ?? 0));
  const moved = steps.filter((step) => step > SAME_MM);
  const duplicateCount = places.reduce((sum, place) => sum + duplicatesIn(place), 0);
  if (!moved.length)
    return {
      items: [...items].sort(byNumber),
      rule: 'instance number',
      hasSharedPositions: true,
      isUneven: false,
      gapCount: 0,
      duplicateCount,
    };
  const usual = [...moved].sort((a, b) => a - b)[moved.length >> 1] ?? 0;
  // Head first when the numbers run that way too: the order the technologist knows. Whether they run over the positions or over the
  // images of each first, the end that has the lowest number is where they begin. At one position they always go up: time does.
  const [first, last] = [places[0]?.[0], places.at(-1)?.[0]];
  const isDownward =
    first !== undefined && last !== undefined && (byHeader(first, last) || first.frameIndex - last.frameIndex) > 0;
  const ordered = isDownward ? places.reverse().flat() : sorted;
  return {
    items: ordered,
    rule: 'position',
    hasSharedPositions: moved.length < steps.length,
    isUneven: Math.max(...moved) > Math.min(...moved) * 1.1,
    gapCount: moved.filter((step) => step > usual * 1.5).length,
    duplicateCount,
  };
}

/** The images by position, lowest first, and at each position by number. */
function placesOf<T extends Placed>(items: readonly T[], at: ReadonlyMap<T, number>): T[][] {
  const places: T[][] = [];
  let end = -Infinity;
  for (const item of [...items].sort((a, b) => (at.get(a) ?? 0) - (at.get(b) ?? 0))) {
    const position = at.get(item) ?? 0;
    if (position - end > SAME_MM) places.push([]);
    end = position;
    places.at(-1)?.push(item);
  }
  for (const place of places) place.sort(byNumber);
  return places;
}

function duplicatesIn(place: readonly Placed[]): number {
  const numbered = place.filter(({ instanceNumber }) => instanceNumber !== undefined);
  const names = numbered.map(({ instanceNumber, partNumber, frameIndex }) =>
    [instanceNumber, partNumber, frameIndex].join('/'),
  );
  return names.length - new Set(names).size;
}
