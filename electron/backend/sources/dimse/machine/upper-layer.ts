// One transport connection under the state machine of PS3.8 9.2: turns bytes and local wishes into events, and does what
// the table (table.ts) says. Negotiation and messages belong to association.ts.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Transport } from '../connect.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { unreachable } from '#shared/base/result.ts';
import { encodePdu } from '../pdu/encode-pdu.ts';
import {
  ABORT_REASON,
  type PduDefect,
  type AssociateAc,
  type AssociateRj,
  type AssociateRq,
  type ControlPdu,
} from '../pdu/pdu.ts';
import { PduReader, type FragmentPiece } from '../pdu/pdu-reader.ts';
import { abortText, rejectionText } from '../pdu/refusal-texts.ts';
import { tlsReason } from '../../tls.ts';
import { Deadline } from './deadline.ts';
import { actionFor, NEXT_STATE, type Action, type Event, type State } from './table.ts';
import { Throttle } from './throttle.ts';
import { SocketBuffers } from './write-buffers.ts';

/** How an association ended; `error` is undefined after an orderly release. */
export interface AssociationEnd {
  error: LecternError | undefined;
  rejection?: AssociateRj;
}

/** Who uses the connection. */
export interface UpperLayerUser {
  onAssociateRequest(pdu: AssociateRq): void;
  onAccepted(pdu: AssociateAc): void;
  onPiece(piece: FragmentPiece): Promise<void> | undefined;
  onReleaseRequest(): void;
  /** Called once. */
  onEnd(end: AssociationEnd): void;
}

export interface UpperLayerOptions {
  /** Longest P-DATA-TF that we announced, 0 for any. */
  maxPduBytes: number;
  /** PS3.8 9.1.5: for the acceptor to get a request, for both to see the connection closed. */
  artimTimeoutMs: number;
}

/** What led to an action. */
interface Happening {
  event: Event;
  before: State;
  pdu: ControlPdu | undefined;
  defect: PduDefect | undefined;
  error: LecternError | undefined;
}
const isOpening = (action: Action): action is Action & `AE-${number}` => action.startsWith('AE');
const isAborting = (action: Action): action is Action & `AA-${number}` => action.startsWith('AA');

export class UpperLayer {
  readonly #socket: Socket;
  readonly #user: UpperLayerUser;
  readonly #reader: PduReader;
  readonly #artim: Deadline;
  readonly #patience: Deadline;
  readonly #options: UpperLayerOptions;
  #throttle = new Throttle(undefined);
  readonly #buffers: SocketBuffers;
  #state: State = 1;
  #isRequestor = false;
  #isHeld = false;
  #hasEnded = false;
  #hasHeard = false;
  #endPause: () => void = () => undefined;
  #socketError: Error | undefined;

  constructor(transport: Transport, user: UpperLayerUser, options: UpperLayerOptions) {
    const { socket } = transport;
    this.#socket = socket;
    this.#user = user;
    this.#options = options;
    this.#artim = new Deadline(() => this.#fire('artim-expired'));
    this.#patience = new Deadline(() => this.#lostPatience());
    this.#buffers = new SocketBuffers(socket, () => this.#patience.touch());
    this.#reader = new PduReader(
      {
        onControl: (pdu) => this.#fire(pdu.kind, pdu),
        onDataHeader: () => {
          this.#fire('data');
          return this.#state === 6 || this.#state === 7;
        },
        onPiece: (piece) => this.#user.onPiece(piece),
        onPduEnd: () => this.#patience.touch(),
        onDefect: (defect) => this.#fire('invalid-pdu', undefined, defect),
      },
      options.maxPduBytes,
    );
    socket.setNoDelay(true);
    transport.receive((chunk) => this.#received(chunk));
    socket.on('error', (error) => (this.#socketError ??= error));
    socket.on('close', () => this.#closed());
  }

  get state(): State {
    return this.#state;
  }
  get buffers(): SocketBuffers {
    return this.#buffers;
  }

  /** Requestor, on an open connection: asks for an association. */
  request(pdu: AssociateRq, timeoutMs: number): void {
    this.#isRequestor = true;
    this.#fire('associate-request');
    this.#fire('transport-open', pdu);
    this.expectWithin(timeoutMs);
  }
  /** Acceptor, on an open connection: waits for a request. */
  listen(): void {
    this.#fire('transport-indication');
  }
  /** Answers a request; nothing happens when the requestor has gone meanwhile. */
  answer(pdu: AssociateAc | AssociateRj): void {
    if (this.#state === 3) this.#fire(pdu.kind === 'associate-ac' ? 'accept' : 'reject', pdu);
  }
  /** To be called before P-DATA-TF are sent. False: the association does not carry data any more. */
  beginData(): boolean {
    if (this.#hasEnded || (this.#state !== 6 && this.#state !== 8)) return false;
    this.#fire('send-data');
    return true;
  }
  requestRelease(timeoutMs: number): void {
    if (this.#state !== 6) return;
    this.#fire('release-request');
    this.expectWithin(timeoutMs);
  }
  /** After a collision the acceptor's answer waits for the requestor's (Sta10): AR-10 gives it. */
  respondToRelease(): void {
    if (this.#state === 8 || this.#state === 9) this.#fire('release-response');
  }
  limitRate(bytesPerSecond: number): void {
    this.#throttle = new Throttle(bytesPerSecond);
  }
  /** Breaks off, and tells the user `error` as the end. */
  abort(error: LecternError): void {
    if (this.#state === 1 || this.#state === 13) return;
    if (this.#state === 2) {
      // Not a primitive of the standard in this state: there is no association yet, the connection is simply closed.
      this.#end({ error });
      this.#close();
      return;
    }
    this.#fire('abort-request', undefined, undefined, error);
  }
  /** A whole PDU, or progress of what is being sent, must come within this time in ms; undefined: no hurry. */
  expectWithin(timeoutMs: number | undefined): void {
    this.#patience.set(this.#hasEnded ? undefined : timeoutMs);
  }

  #lostPatience(): void {
    // Not the peer's fault while our own side holds the stream up.
    if (this.#isHeld && !this.#buffers.isWaiting) return this.#patience.touch();
    const doing = this.#buffers.isWaiting
      ? 'took no bytes'
      : this.#reader.isInPdu
        ? 'sent half a PDU and stopped'
        : 'did not answer';
    this.abort(new LecternError('peer-timeout', `The other system ${doing}; the association was aborted.`));
  }

  #received(chunk: Buffer): void {
    this.#hasHeard = true;
    const held = this.#reader.feed(chunk);
    const pauseMs = this.#throttle.pauseMs(chunk.length);
    if (!held && pauseMs === 0) return;
    this.#isHeld = true;
    this.#socket.pause();
    const resume = (): void => {
      this.#isHeld = false;
      this.#patience.touch();
      this.#socket.resume();
    };
    const pause = pauseMs > 0 ? this.#pause(pauseMs) : undefined;
    Promise.all([held, pause]).then(resume, (error: unknown) => {
      this.abort(new LecternError('internal', 'Taking in the data failed.', { cause: error }));
      resume();
    });
  }

  /** Over after its time, or when the association ends. */
  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #closed(): void {
    this.#reader.stop();
    if (this.#state === 1) return this.#stopTimers();
    this.#fire('transport-closed');
  }

  #fire(event: Event, pdu?: ControlPdu, defect?: PduDefect, error?: LecternError): void {
    const action = actionFor(this.#state, event);
    if (!action) {
      const message = `upper layer: no action for ${event} in Sta${this.#state}`;
      this.#end({ error: new LecternError('internal', message) });
      this.#close();
      throw new Error(message);
    }
    const happening: Happening = { event, before: this.#state, pdu, defect, error };
    if (action !== 'AE-6' && action !== 'AR-8') this.#state = NEXT_STATE[action];
    if (isOpening(action)) this.#actOnOpening(action, happening);
    else if (isAborting(action)) this.#actOnAborting(action, happening);
    else this.#actOnTransferAndRelease(action);
  }

  /** PS3.8 table 9-6. */
  #actOnOpening(action: Action & `AE-${number}`, { pdu }: Happening): void {
    switch (action) {
      case 'AE-1': // The transport is opened by connect.ts.
        return;
      case 'AE-2':
      case 'AE-7':
        if (pdu) this.#send(pdu);
        return;
      case 'AE-3':
        if (pdu?.kind === 'associate-ac') this.#user.onAccepted(pdu);
        return;
      case 'AE-4':
        if (pdu?.kind === 'associate-rj')
          // For now (PS3.8 9.3.4): another time it may have room.
          this.#end({
            error: new LecternError(pdu.result === 2 ? 'peer-aborted' : 'peer-rejected', rejectionText(pdu)),
            rejection: pdu,
          });
        return this.#close();
      case 'AE-5':
        return this.#artim.set(this.#options.artimTimeoutMs);
      case 'AE-6':
        this.#artim.set(undefined);
        this.#state = 3;
        if (pdu?.kind === 'associate-rq') this.#user.onAssociateRequest(pdu);
        return;
      case 'AE-8':
        if (pdu) this.#send(pdu);
        this.#end({ error: new LecternError('peer-rejected', 'The association was refused.') });
        return this.#artim.set(this.#options.artimTimeoutMs);
      default:
        return unreachable(action);
    }
  }

  /** PS3.8 tables 9-7 and 9-8. */
  #actOnTransferAndRelease(action: Action & (`DT-${number}` | `AR-${number}`)): void {
    switch (action) {
      case 'DT-1': // Data goes its own way: data-framer.ts, pdu-reader.ts.
      case 'DT-2':
      case 'AR-6':
      case 'AR-7':
        return;
      case 'AR-1':
        return this.#send({ kind: 'release-rq' });
      case 'AR-2':
        return this.#user.onReleaseRequest();
      case 'AR-3':
        this.#end({ error: undefined });
        return this.#close();
      case 'AR-4':
        this.#send({ kind: 'release-rp' });
        this.#end({ error: undefined });
        return this.#artim.set(this.#options.artimTimeoutMs);
      case 'AR-5':
        return this.#gone();
      case 'AR-8':
        this.#state = this.#isRequestor ? 9 : 10;
        return this.#user.onReleaseRequest();
      case 'AR-9':
        return this.#send({ kind: 'release-rp' });
      case 'AR-10':
        // Release collision, acceptor: the requestor has answered, now it is our turn.
        return this.#fire('release-response');
      default:
        return unreachable(action);
    }
  }

  /** PS3.8 table 9-9. */
  #actOnAborting(action: Action & `AA-${number}`, happening: Happening): void {
    const { event, pdu, error } = happening;
    switch (action) {
      case 'AA-1':
      case 'AA-7':
      case 'AA-8':
        return this.#sendAbort(action, happening);
      case 'AA-2':
        this.#end({ error: error ?? this.#silentError(event) });
        // The time for closing in order is over.
        if (event === 'artim-expired') this.#socket.destroy();
        return this.#close();
      case 'AA-3':
        if (pdu?.kind === 'abort') this.#end({ error: new LecternError('peer-aborted', abortText(pdu)) });
        return this.#close();
      case 'AA-4':
      case 'AA-5':
        return this.#gone();
      case 'AA-6':
        return;
      default:
        return unreachable(action);
    }
  }

  /** The transport is closed. */
  #gone(): void {
    this.#end({ error: this.#closedError() });
    this.#stopTimers();
  }

  /** PS3.8 9.3.8: a user's abort has source 0, a provider's source 2 and a reason. */
  #sendAbort(action: 'AA-1' | 'AA-7' | 'AA-8', { event, before, defect, error }: Happening): void {
    const isUser = event === 'abort-request';
    const reason = isUser ? ABORT_REASON.notSpecified : (defect?.abortReason ?? ABORT_REASON.unexpectedPdu);
    this.#send({ kind: 'abort', source: isUser ? 0 : 2, reason });
    if (action !== 'AA-7') {
      const detail = defect?.detail ?? `${event} came where it has no place (Sta${before}).`;
      this.#end({
        error: error ?? new LecternError('peer-protocol', `The other system broke the protocol: ${detail}`),
      });
    }
    this.#artim.set(this.#options.artimTimeoutMs);
  }

  #closedError(): LecternError {
    const cause = this.#socketError;
    // With TLS 1.3 the peer's verdict on our certificate comes once we think that the connection stands.
    const reason = tlsReason(cause);
    if (reason !== undefined)
      return new LecternError('peer-tls', `TLS: the connection was ended: ${reason}.`, { cause });
    if (this.#isRequestor && !this.#hasHeard && this.#socket instanceof TLSSocket) {
      const text =
        'TLS: the other system closed the connection right after the handshake. It may not take our certificate, or ask for one.';
      return new LecternError('peer-tls', text, { cause });
    }
    const code = cause && 'code' in cause ? ` (${String(cause.code)})` : '';
    return new LecternError('peer-closed', `The other system closed the connection${code}.`, { cause });
  }
  #silentError(event: Event): LecternError {
    return event === 'artim-expired'
      ? new LecternError('peer-timeout', 'A connection was opened, but no association was asked for in time.')
      : new LecternError('peer-aborted', 'The other system broke off before the association was made.');
  }

  #send(pdu: ControlPdu): void {
    if (!this.#socket.destroyed && this.#socket.writable) this.#socket.write(encodePdu(pdu));
  }

  #end(end: AssociationEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#patience.set(undefined);
    this.#endPause();
    this.#buffers.fail(end.error ?? new LecternError('peer-closed', 'The association was released.'));
    this.#user.onEnd(end);
  }

  #stopTimers(): void {
    this.#artim.set(undefined);
    this.#patience.set(undefined);
  }

  #close(): void {
    this.#state = 1;
    this.#stopTimers();
    this.#reader.stop();
    if (this.#socket.destroyed) return;
    // What is still to be written may never be taken.
    const last = setTimeout(() => this.#socket.destroy(), this.#options.artimTimeoutMs);
    this.#socket.once('close', () => clearTimeout(last));
    this.#socket.destroySoon();
  }
}
