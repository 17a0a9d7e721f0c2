// Damaged bytes by the hundred thousand: against the parsers, and over sockets against a live provider and a live user. Nothing
// throws, nothing hangs beyond its timers, nothing stays open.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import { readIdentifier } from './identifier/read-identifier.ts';
import { encodeCommand, parseCommand } from './message/command-set.ts';
import { encodePdu } from './pdu/encode-pdu.ts';
import { parsePdu } from './pdu/parse-pdu.ts';
import { PduReader } from './pdu/pdu-reader.ts';
import { MessageReader } from './message/message-reader.ts';
import { DimseScp } from './scp/scp.ts';
import { find } from './services/find.ts';
import { storeInstances } from './services/store-scu.ts';
import { DEFAULT_SETTINGS, type AssociationSettings } from './settings.ts';
import { memorySink } from './testing/memory-sink.ts';
import { mutate, seeded } from './testing/mutate.ts';
import { callAs, listenAs } from './testing/parrot.ts';
import {
  associateAccept,
  associateRequest,
  commandPdu,
  CT,
  dataPdu,
  EXPLICIT,
  instanceBytes,
  outgoing,
  storeCommand,
  VERIFICATION,
} from './testing/wire.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const timersOf = (ms: number): AssociationSettings => ({
  ...DEFAULT_SETTINGS,
  connectTimeoutMs: 2000,
  associateTimeoutMs: ms,
  artimTimeoutMs: ms,
  messageTimeoutMs: ms,
  responseTimeoutMs: ms,
  idleTimeoutMs: ms,
});
const QUICK = timersOf(40);
const signal = new AbortController().signal;

const release = encodePdu({ kind: 'release-rq' });
const echo = commandPdu(3, { commandField: 0x30, messageId: 6, affectedSopClassUid: VERIFICATION, dataSetType: 0x101 });
const store = Buffer.concat([commandPdu(1, storeCommand('1.2.3')), dataPdu(1, 2, instanceBytes('1.2.3', 300))]);
const pending = Buffer.concat([
  commandPdu(1, { commandField: 0x8020, messageIdBeingRespondedTo: 1, dataSetType: 1, status: 0xff00 }),
  dataPdu(1, 2, instanceBytes('1.2.3', 40)),
]);
const final = commandPdu(1, { commandField: 0x8020, messageIdBeingRespondedTo: 1, dataSetType: 0x101, status: 0 });
const SEEDS = [
  associateRequest([CT, VERIFICATION]),
  associateAccept(2),
  encodePdu({ kind: 'associate-rj', result: 1, source: 1, reason: 1 }),
  encodePdu({ kind: 'abort', source: 2, reason: 1 }),
  release,
  echo,
  store,
  Buffer.concat([pending, final]),
];
const COMMANDS = [
  encodeCommand(storeCommand('1.2.3')),
  encodeCommand({
    commandField: 0x8021,
    dataSetType: 1,
    status: 0xff00,
    remainingSubOperations: 4,
    offendingElements: ['00100010'],
  }),
];

test(`120,000 damaged PDUs, streams, commands and identifiers against the parsers (seed ${SEED})`, () => {
  const random = seeded(SEED);
  let refused = 0;
  for (let round = 0; round < 40_000; round++) {
    const bytes = mutate(SEEDS[round % SEEDS.length] ?? release, SEEDS, random);
    if (!parsePdu(bytes).ok) refused++;
    feed(bytes, Math.ceil(random() * 40));
    const command = mutate(COMMANDS[round % COMMANDS.length] ?? release, COMMANDS, random);
    if (!parseCommand(command).ok) refused++;
    const identifier = mutate(instanceBytes('1.2.3', 60), COMMANDS, random);
    if (!readIdentifier(identifier, round % 2 ? EXPLICIT : '1.2.840.10008.1.2').ok) refused++;
  }
  // It would say nothing if everything were taken, or nothing.
  expect(refused).toBeGreaterThan(40_000);
  expect(refused).toBeLessThan(118_000);
});

/** A stream in pieces through both readers, as a connection would. */
function feed(bytes: Buffer, pieceBytes: number): void {
  const messages = new MessageReader({
    onMessage: () => ({ write: () => undefined, end: () => undefined, abort: () => undefined }),
    onMessageEnd: () => undefined,
    onDefect: () => reader.stop(),
  });
  const reader: PduReader = new PduReader(
    {
      onControl: () => undefined,
      onDataHeader: () => true,
      onPiece: (piece) => messages.take(piece),
      onPduEnd: () => undefined,
      onDefect: () => undefined,
    },
    65_536,
  );
  for (let at = 0; at < bytes.length; at += pieceBytes) void reader.feed(bytes.subarray(at, at + pieceBytes));
}

/** Runs `count` sessions, some at a time. */
async function sessions(count: number, session: (round: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await session(next++);
  };
  await Promise.all(Array.from({ length: 24 }, lane));
}

describe('over sockets', () => {
  const counts = { opened: 0, closed: 0 };
  const kept = memorySink();
  const sink = {
    open: (announced: Parameters<typeof kept.open>[0]) => {
      counts.opened++;
      const writer = kept.open(announced);
      const closed = <T>(work: Promise<T>): Promise<T> => work.finally(() => counts.closed++);
      return { write: writer.write, finish: () => closed(writer.finish()), abort: () => closed(writer.abort()) };
    },
  };
  let scp: DimseScp;
  let port = 0;
  beforeAll(async () => {
    scp = new DimseScp(
      { aet: 'LECTERN', host: '127.0.0.1', port: 0, maxAssociations: 40, settings: QUICK },
      { sink, policy: () => ({ isAdmitted: true }) },
    );
    ({ port } = await scp.listen());
  });
  afterAll(() => scp.close());

  test(`3,000 damaged sessions against the provider: it serves on, and nothing stays open (seed ${SEED})`, async () => {
    const random = seeded(SEED + 1);
    await sessions(3000, async (round) => {
      const peer = await callAs(port);
      const whole = [associateRequest([CT, VERIFICATION]), echo, store, echo, release];
      const damaged = 1 + (round % 4);
      // The request is damaged in one session of five only: what comes behind it is the richer field.
      const at = round % 5 === 0 ? 0 : damaged;
      peer.say(...whole.map((pdu, index) => (index === at ? mutate(pdu, SEEDS, random) : pdu)));
      if (round % 3 === 0) peer.socket.end();
      await peer.gone;
    });
    // Its patience is short: a busy machine may need more than one attempt.
    await vi.waitFor(async () => {
      const [outcome] = await storeInstances(
        { aet: 'LECTERN', callingAet: 'ME', host: '127.0.0.1', port, retrieve: 'get' },
        [outgoing('1.2.9')],
        () => undefined,
        signal,
      );
      expect(outcome?.outcome).toBe('sent');
    }, 30_000);
    expect(scp.openAssociations).toBe(0);
    expect(counts.opened).toBeGreaterThan(500);
    expect(counts.closed).toBe(counts.opened);
    // Nothing half-received was ever passed off as an instance.
    const whole = instanceBytes('1.2.3', 300).length;
    for (const { file, announced } of kept.kept)
      if (announced.sopInstanceUid === '1.2.3') expect(file.length).toBeGreaterThan(132);
    expect(kept.kept.filter(({ file }) => file.length > whole + 132).length).toBeGreaterThan(300);
  });

  test(`2,000 damaged answers to a query: each ends in matches, notices or a named error (seed ${SEED})`, async () => {
    const random = seeded(SEED + 2);
    const damaged = (pdu: Buffer): Buffer => mutate(pdu, SEEDS, random);
    let round = 0;
    const server = await listenAs(async (peer) => {
      const now = round++ % 4;
      await peer.hear();
      peer.say(now === 0 ? damaged(associateAccept(1)) : associateAccept(1));
      await peer.hear();
      peer.say(now === 1 ? damaged(pending) : pending, now === 2 ? damaged(final) : final);
      await peer.hear();
      peer.say(now === 3 ? damaged(encodePdu({ kind: 'release-rp' })) : encodePdu({ kind: 'release-rp' }));
    });
    const node = {
      aet: 'PARROT',
      callingAet: 'ME',
      host: '127.0.0.1',
      port: server.port,
      retrieve: 'get' as const,
      // What is not damaged must come through, also on a busy machine.
      settings: timersOf(250),
    };
    let failures = 0;
    let matches = 0;
    await sessions(2000, async () => {
      try {
        for await (const answer of find(node, { level: 'study', keys: [], include: [] }, signal))
          if (answer.kind === 'match') matches++;
      } catch (error) {
        expect(error).toBeInstanceOf(LecternError);
        expect(error).not.toMatchObject({ code: 'internal' });
        failures++;
      }
    });
    await server.close();
    expect(failures).toBeGreaterThan(200);
    expect(matches).toBeGreaterThan(500);
  });

  test('at the end no socket is left behind', async () => {
    const left = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    for (let tries = 0; left() > 0 && tries < 200; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(left()).toBe(0);
  });
});
