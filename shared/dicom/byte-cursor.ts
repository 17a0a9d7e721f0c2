// Reads numbers and slices from a ByteSource through one window, so that a header costs one or two reads of the source.
import { tagKey } from './tag-key.ts';
import type { ByteSource, TagKey } from './model.ts';

/** Most headers fit; what is read beyond one is copied for nothing. */
const WINDOW_BYTES = 16 * 1024;

export class ByteCursor {
  readonly size: number;
  readonly #source: ByteSource;
  #window: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;
  isBigEndian = false;

  constructor(source: ByteSource) {
    this.#source = source;
    this.size = source.size;
  }

  /** Position of `offset` inside the window, which then holds `length` bytes from there (all must exist). */
  #at(offset: number, length: number): number {
    if (offset < this.#start || offset + length > this.#start + this.#window.length) {
      this.#window = this.#source.read(offset, Math.min(this.size - offset, Math.max(length, WINDOW_BYTES)));
      this.#view = new DataView(this.#window.buffer, this.#window.byteOffset, this.#window.byteLength);
      this.#start = offset;
      if (this.#window.length < length) throw new RangeError('the source gave fewer bytes than its size says');
    }
    return offset - this.#start;
  }

  has(offset: number, length: number): boolean {
    return offset >= 0 && offset + length <= this.size;
  }
  u8(offset: number): number {
    const at = this.#at(offset, 1);
    return this.#view.getUint8(at);
  }
  u16(offset: number): number {
    const at = this.#at(offset, 2);
    return this.#view.getUint16(at, !this.isBigEndian);
  }
  u32(offset: number): number {
    const at = this.#at(offset, 4);
    return this.#view.getUint32(at, !this.isBigEndian);
  }
  /** Is there nothing but zeros from `offset` up to `end`? */
  isZero(offset: number, end: number): boolean {
    for (let at = offset; at < end; at += WINDOW_BYTES)
      if (this.bytes(at, Math.min(WINDOW_BYTES, end - at)).some((byte) => byte !== 0)) return false;
    return true;
  }
  tag(offset: number): TagKey {
    return tagKey(this.u16(offset), this.u16(offset + 2));
  }
  /** The two characters where an explicit VR stands, whatever they are. */
  vr(offset: number): string {
    const at = this.#at(offset, 2);
    return String.fromCharCode(this.#view.getUint8(at), this.#view.getUint8(at + 1));
  }
  /** The bytes themselves, valid until the next read; at most `size - offset`. */
  bytes(offset: number, length: number): Uint8Array {
    const at = this.#at(offset, length);
    return this.#window.subarray(at, at + length);
  }
}
