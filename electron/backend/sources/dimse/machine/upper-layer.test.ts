// The machine itself in every state that it can rest in, against every event: what it sends, what it tells, where it stands
// afterwards, as the table says. The transport is played; the timers are the test's.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import { encodePdu } from '../pdu/encode-pdu.ts';
import { APPLICATION_CONTEXT, type AssociateAc, type AssociateRq, type ControlPdu } from '../pdu/pdu.ts';
import { dataPdu } from '../testing/wire.ts';
import { actionFor, NEXT_STATE, type Action, type Event, type State } from './table.ts';
import { UpperLayer, type AssociationEnd } from './upper-layer.ts';

const user = { roles: [], extended: [], commonExtended: [] };
const head = { protocolVersion: 1, calledAet: 'A', callingAet: 'B', applicationContextUid: APPLICATION_CONTEXT, user };
const RQ: AssociateRq = {
  kind: 'associate-rq',
  ...head,
  contexts: [{ id: 1, abstractSyntaxUid: '1.2', transferSyntaxUids: ['1.3'] }],
};
const AC: AssociateAc = { kind: 'associate-ac', ...head, contexts: [{ id: 1, result: 0, transferSyntaxUid: '1.3' }] };

/** A socket that only remembers. */
class PlayedSocket extends EventEmitter {
  sent: number[] = [];
  destroyed = false;
  writable = true;
  write(bytes: Buffer, done?: () => void): boolean {
    this.sent.push(bytes[0] ?? 0);
    done?.();
    return true;
  }
  setNoDelay(): void {}
  pause(): void {}
  resume(): void {}
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
  destroySoon(): void {
    this.destroy();
  }
}

interface Played {
  layer: UpperLayer;
  socket: PlayedSocket;
  told: string[];
  ends: AssociationEnd[];
  hear(...pdus: ControlPdu[]): void;
  hearBytes(bytes: Buffer): void;
}

function play(): Played {
  const socket = new PlayedSocket();
  let take: (bytes: Buffer) => void = () => undefined;
  const told: string[] = [];
  const ends: AssociationEnd[] = [];
  const layer = new UpperLayer(
    { socket: socket as unknown as Socket, receive: (taker) => (take = taker) },
    {
      onAssociateRequest: () => void told.push('request'),
      onAccepted: () => void told.push('accepted'),
      onPiece: () => void told.push('piece'),
      onReleaseRequest: () => void told.push('release'),
      onEnd: (end) => void ends.push(end),
    },
    { maxPduBytes: 16384, artimTimeoutMs: 1000 },
  );
  const hearBytes = (bytes: Buffer): void => take(bytes);
  return { layer, socket, told, ends, hearBytes, hear: (...pdus) => pdus.forEach((pdu) => hearBytes(encodePdu(pdu))) };
}

const RELEASE_RQ = { kind: 'release-rq' } as const;
const RELEASE_RP = { kind: 'release-rp' } as const;
const asRequestor = (): Played => {
  const played = play();
  played.layer.request(RQ, 5000);
  return played;
};
const asAcceptor = (): Played => {
  const played = play();
  played.layer.listen();
  return played;
};
/** The way into each state that lasts; Sta4 and Sta12 are left in the same breath. */
const REACH: Partial<Record<State, () => Played>> = {
  2: asAcceptor,
  3: () => tap(asAcceptor(), ({ hear }) => hear(RQ)),
  5: asRequestor,
  6: () => tap(asRequestor(), ({ hear }) => hear(AC)),
  7: () => tap(asRequestor(), ({ hear, layer }) => (hear(AC), layer.requestRelease(5000))),
  8: () => tap(asRequestor(), ({ hear }) => hear(AC, RELEASE_RQ)),
  9: () => tap(asRequestor(), ({ hear, layer }) => (hear(AC), layer.requestRelease(5000), hear(RELEASE_RQ))),
  10: () =>
    tap(asAcceptor(), ({ hear, layer }) => (hear(RQ), layer.answer(AC), layer.requestRelease(5000), hear(RELEASE_RQ))),
  11: () =>
    tap(
      asRequestor(),
      ({ hear, layer }) => (hear(AC), layer.requestRelease(5000), hear(RELEASE_RQ), layer.respondToRelease()),
    ),
  13: () =>
    tap(asRequestor(), ({ hear, layer }) => (hear(AC), layer.abort(new LecternError('peer-aborted', 'enough')))),
};
function tap(played: Played, act: (played: Played) => unknown): Played {
  act(played);
  return played;
}

/** Each event that comes from outside. */
const HAPPENS: Partial<Record<Event, (played: Played) => void>> = {
  'associate-ac': ({ hear }) => hear(AC),
  'associate-rj': ({ hear }) => hear({ kind: 'associate-rj', result: 1, source: 1, reason: 1 }),
  'associate-rq': ({ hear }) => hear(RQ),
  data: ({ hearBytes }) => hearBytes(dataPdu(1, 3, Buffer.alloc(4))),
  'release-rq': ({ hear }) => hear(RELEASE_RQ),
  'release-rp': ({ hear }) => hear(RELEASE_RP),
  abort: ({ hear }) => hear({ kind: 'abort', source: 0, reason: 0 }),
  'invalid-pdu': ({ hearBytes }) => hearBytes(Buffer.from([9, 0, 0, 0, 0, 0])),
  'transport-closed': ({ socket }) => socket.destroy(),
};
const SENDS: Partial<Record<Action, number>> = { 'AA-1': 7, 'AA-7': 7, 'AA-8': 7, 'AR-10': 6 };
const ENDS = new Set<Action>(['AE-4', 'AR-3', 'AR-5', 'AR-10', 'AA-1', 'AA-2', 'AA-3', 'AA-4', 'AA-5', 'AA-8']);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const states = Object.keys(REACH).map(Number) as State[];
const events = Object.keys(HAPPENS) as Event[];

describe('the machine', () => {
  test.each(states)('Sta%i is reached', (state) => expect(REACH[state]?.().layer.state).toBe(state));

  test.each(states.flatMap((state) => events.map((event) => [event, state] as const)))(
    '%s in Sta%i',
    (event, state) => {
      const played = REACH[state]?.();
      const action = actionFor(state, event);
      if (!played || !action) throw new Error('every event from outside has an action in these states');
      const endedBefore = played.ends.length;
      played.socket.sent.length = 0;
      HAPPENS[event]?.(played);
      const next = action === 'AE-6' ? 3 : action === 'AR-8' ? 9 : action === 'AR-10' ? 13 : NEXT_STATE[action];
      expect(played.layer.state).toBe(next);
      expect(played.socket.sent).toEqual(SENDS[action] === undefined ? [] : [SENDS[action]]);
      expect(played.ends.length).toBe(endedBefore === 0 && ENDS.has(action) ? 1 : endedBefore);
      expect(played.socket.destroyed).toBe(next === 1);
      if (next === 1) expect(vi.getTimerCount()).toBe(0);
    },
  );

  test.each([2, 13] as const)('ARTIM ends Sta%i', (state) => {
    const played = REACH[state]?.();
    vi.advanceTimersByTime(1000);
    expect([played?.layer.state, played?.socket.destroyed, vi.getTimerCount()]).toEqual([1, true, 0]);
  });

  test('patience with a silent peer ends in an abort, and the abort in ARTIM', () => {
    const played = asRequestor();
    vi.advanceTimersByTime(5000);
    expect(played.ends[0]?.error?.code).toBe('peer-timeout');
    expect([played.layer.state, played.socket.sent]).toEqual([13, [1, 7]]);
    vi.advanceTimersByTime(1000);
    expect([played.layer.state, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test('release collision: the requestor answers at once, the acceptor only after the answer', () => {
    const requestor = REACH[11]?.();
    expect(requestor?.socket.sent).toEqual([1, 5, 6]);
    requestor?.hear(RELEASE_RP);
    expect(requestor?.ends).toEqual([{ error: undefined }]);
    const acceptor = REACH[10]?.();
    acceptor?.layer.respondToRelease();
    expect(acceptor?.socket.sent).toEqual([2, 5]);
    acceptor?.hear(RELEASE_RP);
    expect(acceptor?.socket.sent).toEqual([2, 5, 6]);
    expect(acceptor?.ends).toEqual([{ error: undefined }]);
  });

  test('a local wish that has no place does nothing, or is a bug that aborts', () => {
    const late = REACH[13]?.();
    late?.layer.requestRelease(1);
    late?.layer.respondToRelease();
    late?.layer.answer(AC);
    expect(late?.layer.beginData()).toBe(false);
    expect(late?.layer.state).toBe(13);
    const open = REACH[6]?.();
    expect(() => open?.layer.listen()).toThrow('no action for transport-indication in Sta6');
    expect([open?.layer.state, open?.socket.destroyed, open?.ends[0]?.error?.code]).toEqual([1, true, 'internal']);
  });

  test('data that goes on while a release is asked for is still taken (Sta7), and sent while it is answered (Sta8)', () => {
    const releasing = REACH[7]?.();
    releasing?.hearBytes(dataPdu(1, 3, Buffer.alloc(4)));
    expect(releasing?.told).toEqual(['accepted', 'piece']);
    expect(REACH[8]?.().layer.beginData()).toBe(true);
  });
});
