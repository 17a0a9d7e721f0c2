// The order of a stack: by position along the common normal where there is one, else by instance number, the frames of an
// instance together; at one position by running numbers, else by what the header says of component, phase, echo, b-value and
// time. Never by who came first. The rule in force is said, and so are gaps, duplicates and what is guessed.
import { compareDimensions, compareTraits, TRAITS, type ImageTraits, type Trait } from '../dicom/image-traits.ts';

export interface Placed {
  positionLps: readonly [number, number, number] | undefined;
  orientation: readonly number[] | undefined;
  frameOfReferenceUid: string | undefined;
  instanceNumber: number | undefined;
  /** In-concatenation Number: the parts of a concatenation share their instance number (PS3.3 C.7.6.16.2.2.4). */
  partNumber: number | undefined;
  traits: ImageTraits;
  /** Decides where the header says nothing, and keeps the frames of an instance together. */
  sopInstanceUid: string;
  frameIndex: number;
}

export interface StackOrder<T> {
  items: T[];
  /** `traits`: numbers repeat or are missing, and what `traits` names decides. */
  rule: 'position' | 'instance number' | 'frame' | 'traits';
  /** Positions that several images share (other echoes, phases, b-values). */
  hasSharedPositions: boolean;
  /** What tells the images at a position apart, or those without one where their numbers do not, and the highest value of each. */
  traits: readonly { trait: Trait; highest: number | string }[];
  /** Numbers run through the series, none twice: they decide at each position. */
  isNumbered: boolean;
  /** Distances of neighbours differ by more than a tenth. */
  isUneven: boolean;
  /** Places where neighbours lie more than one and a half usual distances apart: slices are missing or were left out. */
  gapCount: number;
  /** Images that share position, instance number and all traits with another: probably the same slice twice. */
  duplicateCount: number;
  /** Other images that nothing tells from another: their order is by SOP Instance UID, which means nothing. */
  guessedCount: number;
  /** Positions of one do not compare with those of another (PS3.3 C.7.4.1): they stand one after the other. 'taken as one': most
   * images name one of their own, as some de-identification leaves them, which says nothing. */
  framesOfReference: 'one' | 'apart' | 'taken as one';
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

type Compare = (a: Placed, b: Placed) => number;
const byNumber: Compare = (a, b) => (a.instanceNumber ?? 0) - (b.instanceNumber ?? 0);
const byPart: Compare = (a, b) => (a.partNumber ?? 0) - (b.partNumber ?? 0);
const byDimensions: Compare = (a, b) => compareDimensions(a.traits, b.traits);
const byTraits: Compare = (a, b) => compareTraits(a.traits, b.traits);
const byUid: Compare = (a, b) =>
  a.sopInstanceUid < b.sopInstanceUid ? -1 : Number(a.sopInstanceUid > b.sopInstanceUid);
const byFrame: Compare = (a, b) => a.frameIndex - b.frameIndex;
const inTurn =
  (...all: readonly Compare[]): Compare =>
  (a, b) => {
    for (const compare of all) {
      const order = compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
/** Running numbers are the order the images were taken or meant in; those that start anew say nothing of it. */
const AT_A_POSITION = {
  numbered: inTurn(byNumber, byDimensions, byTraits, byPart, byUid, byFrame),
  unnumbered: inTurn(byDimensions, byTraits, byNumber, byPart, byUid, byFrame),
};
/** Frames stay in the order of their instance. */
const WITHOUT_POSITION = {
  numbered: inTurn(byNumber, byPart, byUid, byFrame),
  unnumbered: inTurn(byTraits, byNumber, byPart, byUid, byFrame),
};

/** Same input, same order, whichever way it is shuffled. Positions in mm. */
export function orderStack<T extends Placed>(items: readonly T[]): StackOrder<T> {
  const isNumbered = areNumbered(items);
  const compare = AT_A_POSITION[isNumbered ? 'numbered' : 'unnumbered'];
  const ordered = [...items].sort(compare);
  if (!arePlaced(ordered)) return withoutPosition(items, isNumbered);
  const framesOfReference = framesOfReferenceOf(items);
  const volumes = (
    framesOfReference === 'apart' ? groupsOf(ordered, ({ frameOfReferenceUid }) => frameOfReferenceUid) : [ordered]
  ).map((volume) => orderVolume(volume, compare));
  const places = volumes.flatMap((volume) => volume.places);
  const traits = traitsThatTell(places);
  const isMoving = volumes.some(({ steps }) => steps.length > 0);
  return {
    items: places.flat(),
    rule: isMoving ? 'position' : isNumbered || !traits.length ? 'instance number' : 'traits',
    hasSharedPositions: places.length < items.length,
    traits,
    isNumbered,
    isUneven: volumes.some(({ steps }) => areUneven(steps)),
    gapCount: volumes.reduce((sum, { steps }) => sum + gapsIn(steps), 0),
    duplicateCount: places.reduce((sum, place) => sum + untold(place.filter(hasNumber)), 0),
    guessedCount: places.reduce((sum, place) => sum + untold(place.filter((item) => !hasNumber(item))), 0),
    framesOfReference,
  };
}

function withoutPosition<T extends Placed>(items: readonly T[], isNumbered: boolean): StackOrder<T> {
  const compare = WITHOUT_POSITION[isNumbered ? 'numbered' : 'unnumbered'];
  const ordered = groupsOf(items, ({ sopInstanceUid }) => sopInstanceUid).map((frames) => frames.sort(byFrame));
  ordered.sort(([a], [b]) => (a && b ? compare(a, b) : 0));
  const firsts = ordered.flatMap((frames) => frames.slice(0, 1));
  const traits = isNumbered ? [] : traitsThatTell([firsts]);
  const isMultiFrame = items.some((item) => item.frameIndex > 0);
  return {
    items: ordered.flat(),
    rule: isMultiFrame ? 'frame' : traits.length ? 'traits' : 'instance number',
    hasSharedPositions: false,
    traits,
    isNumbered,
    isUneven: false,
    gapCount: 0,
    duplicateCount: 0,
    guessedCount: untold(firsts),
    framesOfReference: 'one',
  };
}

const hasNumber = ({ instanceNumber }: Placed): boolean => instanceNumber !== undefined;

/** Each instance has a number of its own. */
function areNumbered(items: readonly Placed[]): boolean {
  const instances = new Map<string, string>();
  return items.every((item) => {
    const number = `${item.instanceNumber}/${item.partNumber}`;
    const holder = instances.get(number) ?? item.sopInstanceUid;
    instances.set(number, holder);
    return hasNumber(item) && holder === item.sopInstanceUid;
  });
}

/** All have a position, in parallel planes. */
function arePlaced(items: readonly Placed[]): boolean {
  const reference = items[0]?.orientation;
  return (
    reference !== undefined &&
    items.length > 1 &&
    items.every(
      (item) =>
        item.positionLps &&
        item.orientation &&
        Math.abs(Math.abs(dot(normalOf(item.orientation), normalOf(reference))) - 1) < PARALLEL,
    )
  );
}

/** What does not say its own goes with the only one there is. */
function framesOfReferenceOf(items: readonly Placed[]): StackOrder<never>['framesOfReference'] {
  const known = new Set(items.flatMap(({ frameOfReferenceUid }) => frameOfReferenceUid ?? []));
  if (known.size <= 1) return 'one';
  return known.size * 2 > items.length ? 'taken as one' : 'apart';
}

/** In the order of their first items. */
function groupsOf<T>(items: readonly T[], keyOf: (item: T) => string | undefined): T[][] {
  const groups = new Map<string | undefined, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return [...groups.values()];
}

/** `items` as `compare` has them. `steps`: distances of neighbouring places, mm. */
function orderVolume<T extends Placed>(items: readonly T[], compare: Compare): { places: T[][]; steps: number[] } {
  const normal = normalOf(items[0]?.orientation ?? []);
  const at = new Map(items.map((item) => [item, dot(item.positionLps ?? [], normal)]));
  const places = placesOf(items, at, compare);
  const heights = places.map((place) => place.reduce((lowest, item) => Math.min(lowest, at.get(item) ?? 0), Infinity));
  const steps = heights.slice(1).map((height, index) => height - (heights[index] ?? height));
  // Head first when the numbers run that way too: the order the technologist knows. Whether they run over the positions or over the
  // images of each first, the end that has the lowest number is where they begin. At one position they always go up: time does.
  const [first, last] = [places[0]?.[0], places.at(-1)?.[0]];
  const direction = inTurn(byNumber, byPart, byDimensions, byFrame);
  const isDownward = first !== undefined && last !== undefined && direction(first, last) > 0;
  return { places: isDownward ? places.reverse() : places, steps };
}

function areUneven(steps: readonly number[]): boolean {
  const [least, most] = steps.reduce(([a, b], step) => [Math.min(a, step), Math.max(b, step)], [Infinity, -Infinity]);
  return (most ?? 0) > (least ?? 0) * 1.1;
}

function gapsIn(steps: readonly number[]): number {
  const usual = [...steps].sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  return steps.filter((step) => step > usual * 1.5).length;
}

/** The images by position, lowest first, and at each position as `compare` says. */
function placesOf<T extends Placed>(items: readonly T[], at: ReadonlyMap<T, number>, compare: Compare): T[][] {
  const places: T[][] = [];
  let end = -Infinity;
  for (const item of [...items].sort((a, b) => (at.get(a) ?? 0) - (at.get(b) ?? 0))) {
    const position = at.get(item) ?? 0;
    if (position - end > SAME_MM) places.push([]);
    end = position;
    places.at(-1)?.push(item);
  }
  for (const place of places) place.sort(compare);
  return places;
}

/** Images of a place that nothing in their header tells from another. */
function untold(place: readonly Placed[]): number {
  const names = place.map(({ instanceNumber, partNumber, frameIndex, traits }) =>
    JSON.stringify([
      instanceNumber,
      partNumber,
      frameIndex,
      traits.dimensions,
      TRAITS.map((trait) => traits.values[trait]),
    ]),
  );
  return names.length - new Set(names).size;
}

/** Of the traits the first ones that are enough to tell the images of each place apart, as far as they can be. */
function traitsThatTell(places: readonly (readonly Placed[])[]): StackOrder<never>['traits'] {
  const crowded = places.filter((place) => place.length > 1);
  const found: Trait[] = [];
  const images = crowded.flat();
  let told = crowded.length;
  for (const trait of TRAITS) {
    if (told === images.length) break;
    const now = crowded.reduce((sum, place) => sum + kindsIn(place, [...found, trait]), 0);
    if (now <= told) continue;
    told = now;
    found.push(trait);
  }
  return found.map((trait) => ({ trait, highest: highestOf(images, trait) }));
}

const kindsIn = (place: readonly Placed[], traits: readonly Trait[]): number =>
  new Set(place.map((item) => JSON.stringify(traits.map((trait) => item.traits.values[trait])))).size;

function highestOf(items: readonly Placed[], trait: Trait): number | string {
  const values = items.flatMap((item) => item.traits.values[trait] ?? []);
  return values.reduce((highest, value) => (value > highest ? value : highest));
}
