// What one file may hold. Beyond it the memory of whoever reads it ends, and with it maybe the whole program: V8 ends that where one
// large piece finds no room, whatever thread it is in.
import type { TagKey } from './model.ts';
import { ReadStop } from './read-stop.ts';

export interface Bounds {
  /** Elements and items; each takes some 230 bytes. */
  elements: number;
  /** Of all texts together. */
  values: number;
  textBytes: number;
}

/** What nearly all objects keep to: half a gigabyte of heap is enough for any of these. */
export const USUAL: Bounds = { elements: 1_000_000, values: 2_000_000, textBytes: 32 * 1024 * 1024 };
/** What very large ones need: enhanced images of 20,000 frames with private elements in each, contours of a whole body, slides of
 * 100,000 tiles. Two gigabytes of heap are enough: for who reads one at a time. */
export const LARGE: Bounds = { elements: 3_000_000, values: 16_000_000, textBytes: 128 * 1024 * 1024 };

/** Of one data set or item, nested ones not counted. */
const MAX_IN_ITEM = 50_000;
/** Of one element. */
const MAX_VALUES = 500_000;
const MAX_ONE_TEXT_BYTES = 32 * 1024 * 1024;
const BACKSLASH = 0x5c;

/** Counts what is read. Throws ReadStop 'too-large'. */
export class ReadBudget {
  readonly #bounds: Bounds;
  #elements = 0;
  #values = 0;
  #textBytes = 0;
  #wouldFitLarge = false;

  constructor(bounds: Bounds = USUAL) {
    this.#bounds = bounds;
  }

  /** It stopped at a bound that LARGE has further out. */
  get wouldFitLarge(): boolean {
    return this.#wouldFitLarge;
  }

  /** An element, or an item; `inItem` says how many its data set has with it. */
  element(offset: number, inItem = 0): void {
    if (++this.#elements <= this.#bounds.elements && inItem <= MAX_IN_ITEM) return;
    this.#wouldFitLarge = inItem <= MAX_IN_ITEM && this.#elements <= LARGE.elements;
    throw new ReadStop({ code: 'too-large', detail: 'The file has more elements than any object needs.', offset });
  }

  /** A text, before it is taken apart; backslashes stand between values (PS3.5 6.2). */
  text(bytes: Uint8Array, tag: TagKey, offset: number): void {
    this.#textBytes += bytes.length;
    if (bytes.length > MAX_ONE_TEXT_BYTES || this.#textBytes > this.#bounds.textBytes) {
      this.#wouldFitLarge = bytes.length <= MAX_ONE_TEXT_BYTES && this.#textBytes <= LARGE.textBytes;
      throw tooLarge('longer texts', tag, offset);
    }
    // A shorter one cannot have so many: nearly all are not looked through.
    if (bytes.length < MAX_VALUES) return;
    let values = 1;
    for (let at = bytes.indexOf(BACKSLASH); at >= 0; at = bytes.indexOf(BACKSLASH, at + 1)) values++;
    if (values > MAX_VALUES) throw tooLarge('more values', tag, offset);
  }

  /** The values of a text that was taken apart. */
  values(count: number, tag: TagKey, offset: number): void {
    this.#values += count;
    if (this.#values <= this.#bounds.values) return;
    this.#wouldFitLarge = this.#values <= LARGE.values;
    throw tooLarge('more values', tag, offset);
  }
}

const tooLarge = (what: string, tag: TagKey, offset: number): ReadStop =>
  new ReadStop({ code: 'too-large', detail: `The file has ${what} than any object needs.`, tag, offset });
