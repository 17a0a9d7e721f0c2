// Cuts a byte stream into PDUs as it arrives (PS3.8 9.3). Control PDUs are gathered and parsed; P-DATA-TF is not: its
// fragments are handed on piece by piece, so that nothing is held and nothing is copied here.
import { MAX_CONTROL_BYTES, parsePdu } from './parse-pdu.ts';
import { ABORT_REASON, PDU_TYPE, type ControlPdu, type PduDefect } from './pdu.ts';

/** A piece of a presentation data value (PS3.8 9.3.5.1, E.2). */
export interface FragmentPiece {
  contextId: number;
  isCommand: boolean;
  /** Last fragment of its command or data set; meant for the piece with `isEnd`. */
  isLast: boolean;
  /** Last piece of its fragment. */
  isEnd: boolean;
  /** Valid until the call returns. */
  bytes: Buffer;
}

export interface PduReaderEvents {
  onControl(pdu: ControlPdu): void;
  /** The header of a P-DATA-TF has come; false: its fragments are not wanted. */
  onDataHeader(): boolean;
  /** A promise holds the stream up until it resolves. */
  onPiece(piece: FragmentPiece): Promise<void> | undefined;
  /** A whole PDU has been read. */
  onPduEnd(): void;
  /** The stream makes no sense; everything behind is ignored. */
  onDefect(defect: PduDefect): void;
}

const HEADER_BYTES = 6;
type Mode = 'header' | 'control' | 'pdv-header' | 'pdv' | 'ignored' | 'dead';

export class PduReader {
  readonly #events: PduReaderEvents;
  readonly #maxDataBytes: number;
  #mode: Mode = 'header';
  /** Bytes of the current header or control PDU, gathered over chunks. */
  #gathered = Buffer.alloc(HEADER_BYTES);
  #filled = 0;
  #wanted = HEADER_BYTES;
  #leftInPdu = 0;
  #leftInPdv = 0;
  #contextId = 0;
  #control = 0;

  /** `maxDataBytes`: longest P-DATA-TF that was agreed to, 0 for any. */
  constructor(events: PduReaderEvents, maxDataBytes: number) {
    this.#events = events;
    this.#maxDataBytes = maxDataBytes;
  }

  /** Whether a PDU has begun and not ended. */
  get isInPdu(): boolean {
    return this.#mode !== 'dead' && (this.#mode !== 'header' || this.#filled > 0);
  }

  /** Takes the next bytes, which must stay as they are until this returns, or until its promise resolves: then all are used up and
   * more may be fed. */
  feed(chunk: Buffer): Promise<void> | undefined {
    let at = 0;
    // An empty fragment is passed on too: it may be the last one.
    while (at < chunk.length || (this.#mode === 'pdv' && this.#leftInPdv === 0)) {
      if (this.#mode === 'dead') return undefined;
      if (this.#mode === 'pdv' || this.#mode === 'ignored') {
        const end = Math.min(chunk.length, at + (this.#mode === 'pdv' ? this.#leftInPdv : this.#leftInPdu));
        const held = this.#pass(chunk.subarray(at, end));
        at = end;
        if (held) {
          const rest = chunk.subarray(at);
          return held.then(() => this.feed(rest));
        }
      } else at += this.#gather(chunk, at);
    }
    return undefined;
  }

  /** Whatever comes from now on is dropped. */
  stop(): void {
    this.#mode = 'dead';
  }

  #gather(chunk: Buffer, at: number): number {
    const count = Math.min(chunk.length - at, this.#wanted - this.#filled);
    chunk.copy(this.#gathered, this.#filled, at, at + count);
    this.#filled += count;
    if (this.#filled === this.#wanted) this.#gatheredAll();
    return count;
  }

  #expect(mode: Mode, wanted: number): void {
    this.#mode = mode;
    this.#wanted = wanted;
    this.#filled = 0;
  }

  #gatheredAll(): void {
    if (this.#mode === 'header') return this.#header();
    if (this.#mode === 'pdv-header') return this.#pdvHeader();
    const pdu = parsePdu(this.#gathered.subarray(0, this.#wanted));
    this.#gathered = Buffer.alloc(HEADER_BYTES);
    this.#expect('header', HEADER_BYTES);
    if (!pdu.ok) return this.#defect(pdu.error);
    this.#events.onPduEnd();
    this.#events.onControl(pdu.value);
  }

  #header(): void {
    const type = this.#gathered.readUInt8(0);
    const length = this.#gathered.readUInt32BE(2);
    if (type !== PDU_TYPE.data) return this.#controlHeader(type, length);
    // Some senders count the PDU's own header into the limit and others do not: 6 bytes of grace.
    if (this.#maxDataBytes > 0 && length > this.#maxDataBytes + HEADER_BYTES)
      return this.#defect({
        detail: `A P-DATA-TF of ${length} bytes came, the limit is ${this.#maxDataBytes}.`,
        abortReason: ABORT_REASON.invalidParameter,
      });
    if (length < HEADER_BYTES)
      return this.#defect({ detail: 'A P-DATA-TF without content came.', abortReason: ABORT_REASON.invalidParameter });
    this.#leftInPdu = length;
    if (this.#events.onDataHeader()) this.#expectIfAlive('pdv-header', HEADER_BYTES);
    else this.#expectIfAlive('ignored', 0);
  }

  /** The event that was just told may have stopped this reader. */
  #expectIfAlive(mode: Mode, wanted: number): void {
    if (this.#mode !== 'dead') this.#expect(mode, wanted);
  }

  #controlHeader(type: number, length: number): void {
    if (type < 1 || type > 7)
      return this.#defect({ detail: `There is no PDU of type ${type}.`, abortReason: ABORT_REASON.unrecognizedPdu });
    // Only the two that carry items may be longer than 4 bytes.
    if (length > (type <= 2 ? MAX_CONTROL_BYTES : 4))
      return this.#defect({
        detail: `A PDU of type ${type} with ${length} bytes is too long.`,
        abortReason: ABORT_REASON.invalidParameter,
      });
    const whole = Buffer.alloc(HEADER_BYTES + length);
    this.#gathered.copy(whole, 0, 0, HEADER_BYTES);
    this.#gathered = whole;
    this.#mode = 'control';
    this.#wanted = whole.length;
    if (length === 0) this.#gatheredAll();
  }

  #pdvHeader(): void {
    const length = this.#gathered.readUInt32BE(0);
    this.#contextId = this.#gathered.readUInt8(4);
    this.#control = this.#gathered.readUInt8(5);
    this.#leftInPdu -= HEADER_BYTES;
    this.#leftInPdv = length - 2;
    if (length < 2 || this.#leftInPdv > this.#leftInPdu)
      return this.#defect({
        detail: `A fragment states ${length} bytes where ${this.#leftInPdu + 2} are left in its PDU.`,
        abortReason: ABORT_REASON.invalidParameter,
      });
    this.#mode = 'pdv';
  }

  #pass(bytes: Buffer): Promise<void> | undefined {
    this.#leftInPdu -= bytes.length;
    if (this.#mode === 'ignored') {
      if (this.#leftInPdu === 0) this.#pduEnd();
      return undefined;
    }
    this.#leftInPdv -= bytes.length;
    const isEnd = this.#leftInPdv === 0;
    const held = this.#events.onPiece({
      contextId: this.#contextId,
      isCommand: (this.#control & 1) === 1,
      isLast: (this.#control & 2) === 2,
      isEnd,
      bytes,
    });
    if (isEnd && this.#leftInPdu === 0) this.#pduEnd();
    else if (isEnd && this.#leftInPdu < HEADER_BYTES)
      this.#defect({
        detail: 'A P-DATA-TF ends inside the head of a fragment.',
        abortReason: ABORT_REASON.invalidParameter,
      });
    else if (isEnd) this.#expectIfAlive('pdv-header', HEADER_BYTES);
    return held;
  }

  #pduEnd(): void {
    if (this.#mode === 'dead') return;
    this.#expect('header', HEADER_BYTES);
    this.#events.onPduEnd();
  }

  #defect(defect: PduDefect): void {
    if (this.#mode === 'dead') return;
    this.#mode = 'dead';
    this.#events.onDefect(defect);
  }
}
