// What one file may hold. Beyond it the memory of whoever reads it ends, and with it maybe the whole program: V8 ends that where one
// large piece finds no room, whatever thread it is in.
import type { TagKey } from './model.ts';
import { ReadStop } from './read-stop.ts';

const MAX_ELEMENTS = 1_000_000;
/** Of one data set or item, nested ones not counted. */
const MAX_IN_ITEM = 50_000;
/** Of one element. */
const MAX_VALUES = 500_000;
const MAX_ALL_VALUES = 2_000_000;
const MAX_TEXT_BYTES = 32 * 1024 * 1024;
const BACKSLASH = 0x5c;

/** Counts what is read. Throws ReadStop 'too-large'. */
export class ReadBudget {
  #elements = 0;
  #values = 0;
  #textBytes = 0;

  /** An element, or an item; `inItem` says how many its data set has with it. */
  element(offset: number, inItem = 0): void {
    if (++this.#elements > MAX_ELEMENTS || inItem > MAX_IN_ITEM)
      throw new ReadStop({ code: 'too-large', detail: 'The file has more elements than any object needs.', offset });
  }

  /** A text, before it is taken apart; backslashes stand between values (PS3.5 6.2). */
  text(bytes: Uint8Array, tag: TagKey, offset: number): void {
    this.#textBytes += bytes.length;
    if (this.#textBytes > MAX_TEXT_BYTES) throw tooLarge('longer texts', tag, offset);
    // A shorter one cannot have so many: nearly all are not looked through.
    if (bytes.length < MAX_VALUES) return;
    let values = 1;
    for (let at = bytes.indexOf(BACKSLASH); at >= 0; at = bytes.indexOf(BACKSLASH, at + 1)) values++;
    if (values > MAX_VALUES) throw tooLarge('more values', tag, offset);
  }

  /** The values of a text that was taken apart. */
  values(count: number, tag: TagKey, offset: number): void {
    this.#values += count;
    if (this.#values > MAX_ALL_VALUES) throw tooLarge('more values', tag, offset);
  }
}

const tooLarge = (what: string, tag: TagKey, offset: number): ReadStop =>
  new ReadStop({ code: 'too-large', detail: `The file has ${what} than any object needs.`, tag, offset });
