// Reads big-endian fields of a PDU within bounds. What does not fit stops the parse; parse-pdu.ts turns that into a Result.
import { trimmedEnd } from '#shared/base/trimmed-end.ts';
import { ABORT_REASON, type PduDefect } from './pdu.ts';

/** Ends a parse from within; never leaves parse-pdu.ts. */
export class PduStop extends Error {
  readonly defect: PduDefect;
  constructor(detail: string, abortReason: number = ABORT_REASON.invalidParameter) {
    super(detail);
    this.defect = { detail, abortReason };
  }
}

export class FieldReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  #step(length: number): number {
    if (length > this.left) throw new PduStop(`${this.#what} ends after ${this.#bytes.length} bytes, inside a field.`);
    const at = this.#at;
    this.#at += length;
    return at;
  }
  u8(): number {
    return this.#bytes.readUInt8(this.#step(1));
  }
  u16(): number {
    return this.#bytes.readUInt16BE(this.#step(2));
  }
  u32(): number {
    return this.#bytes.readUInt32BE(this.#step(4));
  }
  skip(length: number): void {
    this.#step(length);
  }
  bytes(length: number): Buffer {
    const at = this.#step(length);
    return this.#bytes.subarray(at, at + length);
  }
  rest(): Buffer {
    return this.bytes(this.left);
  }
  /** A copy that does not hold the PDU's memory. */
  counted(): Uint8Array {
    return Uint8Array.from(this.bytes(this.u16()));
  }
  /** Padding that some peers add to UIDs is taken off (PS3.8 F asks for none). */
  uid(length: number): string {
    return uidOf(this.bytes(length));
  }
  aeTitle(): string {
    return this.bytes(16).toString('latin1').replace(/\0.*$/s, '').trim();
  }
  sub(length: number, what: string): FieldReader {
    return new FieldReader(this.bytes(length), what);
  }
  done(): void {
    if (this.left > 0) throw new PduStop(`${this.#what} has ${this.left} bytes too many.`);
  }
}

/** Text of a UID field: at most 64 characters of the default repertoire (PS3.5 9.1). */
export function uidOf(bytes: Uint8Array): string {
  const text = trimmedEnd(Buffer.from(bytes).toString('latin1'), '\0 ');
  if (text.length > 64) throw new PduStop('A UID is longer than 64 characters.');
  return text;
}
