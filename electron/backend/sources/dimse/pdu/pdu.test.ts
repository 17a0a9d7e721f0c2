// The PDU codec against annotated bytes, round trips, every truncation, and streams cut anywhere.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataFramer, type WriteBuffers } from './data-framer.ts';
import { encodePdu } from './encode-pdu.ts';
import { parsePdu } from './parse-pdu.ts';
import type { AssociateAc, AssociateRq, ControlPdu, UserInformation } from './pdu.ts';
import { PduReader, type FragmentPiece } from './pdu-reader.ts';
import { abortText, rejectionText } from './refusal-texts.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/--.*$/gm, '').replaceAll(/\s/g, ''), 'hex');
const ae = (title: string): string => Buffer.from(title.padEnd(16)).toString('hex');
const ascii = (text: string): string => Buffer.from(text).toString('hex');

const REQUEST = hex(`
  01 00 0000010f                      -- A-ASSOCIATE-RQ, 271 bytes follow
  0001 0000                           -- protocol version 1, reserved
  ${ae('ANY-SCP')} ${ae('LECTERN')}   -- called, calling AE title
  ${'00'.repeat(32)}                  -- reserved
  10 00 0015 ${ascii('1.2.840.10008.3.1.1.1')}  -- application context
  20 00 002e 01 00 00 00              -- presentation context, ID 1
    30 00 0011 ${ascii('1.2.840.10008.1.1')}    --   abstract syntax: verification
    40 00 0011 ${ascii('1.2.840.10008.1.2')}    --   transfer syntax: implicit little endian
  50 00 0078                          -- user information
    51 00 0004 00004000               --   maximum length 16384
    52 00 0003 ${ascii('2.9')}        --   implementation class UID
    53 00 0004 0010 0001              --   asynchronous window: invoked 16, performed 1
    54 00 0007 0003 ${ascii('1.2')} 00 01       --   role selection: SCU 0, SCP 1
    55 00 0002 ${ascii('V1')}         --   implementation version
    56 00 0007 0003 ${ascii('1.2')} 0102        --   SOP class extended negotiation
    57 00 0013 0003 ${ascii('1.2')} 0003 ${ascii('1.3')} 0007 0005 ${ascii('1.2.3')}  -- common extended: class, service, related
    58 00 000c 02 01 0004 ${ascii('anna')} 0002 ${ascii('pw')}  --   user identity: username and passcode, answer wanted
    58 00 0006 0100 0001 61 00
    99 00 0003 010203                 --   unknown: skipped
`);

const user = (more: Partial<UserInformation> = {}): UserInformation => ({
  roles: [],
  extended: [],
  commonExtended: [],
  ...more,
});

describe('PDU fixtures', () => {
  test('A-ASSOCIATE-RQ, field by field', () => {
    const bytes = Buffer.from(REQUEST);
    bytes.writeUInt32BE(bytes.length - 6, 2);
    const userAt = bytes.indexOf(Buffer.from([0x50, 0x00, 0x00, 0x78]));
    bytes.writeUInt16BE(bytes.length - userAt - 4, userAt + 2);
    const parsed = parsePdu(bytes);
    expect(parsed).toEqual({
      ok: true,
      value: {
        kind: 'associate-rq',
        protocolVersion: 1,
        calledAet: 'ANY-SCP',
        callingAet: 'LECTERN',
        applicationContextUid: '1.2.840.10008.3.1.1.1',
        contexts: [{ id: 1, abstractSyntaxUid: '1.2.840.10008.1.1', transferSyntaxUids: ['1.2.840.10008.1.2'] }],
        user: {
          maxPduBytes: 16384,
          implementationClassUid: '2.9',
          asyncWindow: { invoked: 16, performed: 1 },
          roles: [{ sopClassUid: '1.2', isScu: false, isScp: true }],
          implementationVersion: 'V1',
          extended: [{ sopClassUid: '1.2', information: Uint8Array.from([1, 2]) }],
          commonExtended: [{ version: 0, sopClassUid: '1.2', serviceClassUid: '1.3', relatedSopClassUids: ['1.2.3'] }],
          userIdentity: {
            type: 2,
            wantsAnswer: true,
            primary: Uint8Array.from(Buffer.from('anna')),
            secondary: Uint8Array.from(Buffer.from('pw')),
          },
        },
      },
    });
  });

  test.each([
    ['03 00 00000004 00 01 01 03', { kind: 'associate-rj', result: 1, source: 1, reason: 3 }],
    ['05 00 00000004 00000000', { kind: 'release-rq' }],
    ['06 00 00000004 00000000', { kind: 'release-rp' }],
    ['07 00 00000004 0000 02 06', { kind: 'abort', source: 2, reason: 6 }],
  ])('%s', (text, value) => {
    expect(parsePdu(hex(text))).toEqual({ ok: true, value });
    expect(encodePdu(value as ControlPdu)).toEqual(hex(text));
  });

  test.each([
    ['an even context ID', '20 00 0004 02 00 00 00', 'even'],
    [
      'a context ID twice',
      '20 00 0019 01 00 00 00 30 00 0003 312e32 40 00 000a 312e322e332e342e3537'.repeat(2),
      'twice',
    ],
    ['a context without syntaxes', '20 00 000b 01 00 00 00 30 00 0003 312e32', 'no transfer syntax'],
    ['an item beyond the PDU', '20 00 ffff 01 00', 'inside a field'],
  ])('refuses %s', (_name, items, words) => {
    const body = hex(`0001 0000 ${ae('A')} ${ae('B')} ${'00'.repeat(32)} 10 00 0003 312e32 ${items} 50 00 0000`);
    const pdu = Buffer.concat([hex('01 00'), Buffer.from([0, 0, body.length >> 8, body.length & 255]), body]);
    const parsed = parsePdu(pdu);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.error.detail).toContain(words);
  });

  test('refusals in words', () => {
    expect(rejectionText({ kind: 'associate-rj', result: 1, source: 1, reason: 7 })).toContain('called AE title');
    expect(rejectionText({ kind: 'associate-rj', result: 2, source: 3, reason: 2 })).toContain('for now');
    expect(abortText({ kind: 'abort', source: 2, reason: 6 })).toContain('value');
  });
});

const uid = fc.array(fc.nat(99999), { minLength: 2, maxLength: 8 }).map((parts) => parts.join('.'));
const title = fc.stringMatching(/^[A-Z0-9_]{1,16}$/);
const bytes = fc.uint8Array({ maxLength: 40 });
const userArbitrary: fc.Arbitrary<UserInformation> = fc.record(
  {
    maxPduBytes: fc.nat(0xffffffff),
    implementationClassUid: uid,
    implementationVersion: title,
    asyncWindow: fc.record({ invoked: fc.nat(0xffff), performed: fc.nat(0xffff) }),
    roles: fc.array(fc.record({ sopClassUid: uid, isScu: fc.boolean(), isScp: fc.boolean() }), { maxLength: 5 }),
    extended: fc.array(fc.record({ sopClassUid: uid, information: bytes }), { maxLength: 3 }),
    commonExtended: fc.array(
      fc.record({
        version: fc.nat(255),
        sopClassUid: uid,
        serviceClassUid: uid,
        relatedSopClassUids: fc.array(uid, { maxLength: 3 }),
      }),
      { maxLength: 3 },
    ),
    userIdentity: fc.record({
      type: fc.constantFrom<1 | 2 | 3 | 4 | 5>(1, 2, 3, 4, 5),
      wantsAnswer: fc.boolean(),
      primary: bytes,
      secondary: bytes,
    }),
    userIdentityAnswer: bytes,
  },
  { requiredKeys: ['roles', 'extended', 'commonExtended'] },
);
const ids = fc.uniqueArray(fc.nat(127), { minLength: 1, maxLength: 20 });
const head = {
  protocolVersion: fc.nat(0xffff),
  calledAet: title,
  callingAet: title,
  applicationContextUid: uid,
  user: userArbitrary,
};
const requestArbitrary: fc.Arbitrary<AssociateRq> = ids.chain((numbers) =>
  fc.record({
    kind: fc.constant('associate-rq' as const),
    ...head,
    contexts: fc.tuple(
      ...numbers.map((number) =>
        fc.record({
          id: fc.constant(number * 2 + 1),
          abstractSyntaxUid: uid,
          transferSyntaxUids: fc.array(uid, { minLength: 1, maxLength: 4 }),
        }),
      ),
    ),
  }),
);
const acceptArbitrary: fc.Arbitrary<AssociateAc> = ids.chain((numbers) =>
  fc.record({
    kind: fc.constant('associate-ac' as const),
    ...head,
    contexts: fc.tuple(
      ...numbers.map((number) =>
        fc.record({ id: fc.constant(number * 2 + 1), result: fc.constant(0), transferSyntaxUid: uid }),
      ),
    ),
  }),
);

describe('PDU properties', () => {
  test('a field that is long and full of padding holds nobody up', () => {
    const field = Buffer.concat([Buffer.alloc(60_000, 0x20), Buffer.from('x')]);
    const item = (type: number, value: Buffer): Buffer => {
      const head = Buffer.alloc(4);
      head[0] = type;
      head.writeUInt16BE(value.length, 2);
      return Buffer.concat([head, value]);
    };
    for (const items of [item(0x10, field), item(0x50, item(0x55, field))]) {
      const body = Buffer.concat([REQUEST.subarray(6, 74), items]);
      const head = Buffer.from([1, 0, 0, 0, 0, 0]);
      head.writeUInt32BE(body.length, 2);
      const pdu = Buffer.concat([head, body]);
      // So often that a step for each two signs of the field would not end in the time of a test.
      for (let times = 0; times < 200; times++) expect(parsePdu(pdu)).toBeDefined();
    }
  });

  test('what is written reads back', () => {
    fc.assert(
      fc.property(fc.oneof(requestArbitrary, acceptArbitrary), (pdu) => {
        expect(parsePdu(encodePdu(pdu))).toEqual({ ok: true, value: pdu });
      }),
      { numRuns: 300 },
    );
  });

  test('every truncation is an error, with the length as it was or mended', () => {
    const whole = encodePdu({
      kind: 'associate-rq',
      protocolVersion: 1,
      calledAet: 'A',
      callingAet: 'B',
      applicationContextUid: '1.2.840.10008.3.1.1.1',
      contexts: [{ id: 1, abstractSyntaxUid: '1.2.3', transferSyntaxUids: ['1.2.4', '1.2.5'] }],
      user: user({ maxPduBytes: 1, roles: [{ sopClassUid: '1.2.3', isScu: true, isScp: true }] }),
    });
    for (let length = 0; length < whole.length; length++) {
      const cut = Buffer.from(whole.subarray(0, length));
      expect(parsePdu(cut).ok).toBe(false);
      if (length < 6) continue;
      cut.writeUInt32BE(length - 6, 2);
      expect(parsePdu(cut).ok, `cut at ${length}`).toBe(false);
    }
  });
});

/** Collects what a framer sends. */
function collector(sizeBytes: number): WriteBuffers & { sent: Buffer[] } {
  const sent: Buffer[] = [];
  return {
    sent,
    take: () => Buffer.alloc(sizeBytes),
    send: (buffer, length) => void sent.push(Buffer.from(buffer.subarray(0, length))),
  };
}

interface Message {
  contextId: number;
  isCommand: boolean;
  bytes: Buffer;
}

/** Reads a stream in pieces of the given sizes; gives whole messages. */
function readAll(
  stream: Buffer,
  cuts: readonly number[],
): { messages: Message[]; defects: string[]; pduCount: number } {
  const messages: Message[] = [];
  const defects: string[] = [];
  let pduCount = 0;
  let open: FragmentPiece[] = [];
  const reader = new PduReader(
    {
      onControl: () => undefined,
      onDataHeader: () => true,
      onPiece: (piece) => {
        open.push({ ...piece, bytes: Buffer.from(piece.bytes) });
        if (piece.isLast && piece.isEnd) {
          messages.push({
            contextId: piece.contextId,
            isCommand: piece.isCommand,
            bytes: Buffer.concat(open.map((part) => part.bytes)),
          });
          open = [];
        }
        return undefined;
      },
      onPduEnd: () => void pduCount++,
      onDefect: ({ detail }) => void defects.push(detail),
    },
    0,
  );
  let at = 0;
  for (let index = 0; at < stream.length; index++) {
    const size = cuts.length ? (cuts[index % cuts.length] ?? 1) : stream.length;
    void reader.feed(stream.subarray(at, at + size));
    at += size;
  }
  return { messages, defects, pduCount };
}

describe('P-DATA-TF', () => {
  test('data of any length, framed for any peer, cut anywhere, comes out whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ contextId: fc.nat(127).map((id) => id * 2 + 1), isCommand: fc.boolean(), length: fc.nat(3000) }),
          { minLength: 1, maxLength: 4 },
        ),
        fc.integer({ min: 128, max: 4000 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 900 }),
        async (wanted, peerMaxPduBytes, cuts, pieceBytes) => {
          const buffers = collector(8192);
          const framer = new DataFramer(buffers, peerMaxPduBytes);
          const expected: Message[] = [];
          for (const { contextId, isCommand, length } of wanted) {
            const data = Buffer.from(Array.from({ length }, (_, index) => (index * 7 + contextId) & 255));
            for (let at = 0; at < length; at += pieceBytes)
              await framer.append(contextId, isCommand, data.subarray(at, at + pieceBytes));
            await framer.end(contextId, isCommand);
            expected.push({ contextId, isCommand, bytes: data });
          }
          framer.flush();
          const stream = Buffer.concat(buffers.sent);
          const { messages, defects } = readAll(stream, cuts);
          expect(defects).toEqual([]);
          expect(messages).toEqual(expected);
          for (let at = 0; at < stream.length; at += 6 + stream.readUInt32BE(at + 2))
            expect(stream.readUInt32BE(at + 2)).toBeLessThanOrEqual(peerMaxPduBytes);
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([
    ['longer than agreed', '04 00 00000100 000000fe 01 03', 100],
    ['without content', '04 00 00000000', 0],
    ['whose fragment is longer than it', '04 00 00000008 00000020 01 03 0000', 0],
    ['whose fragment has no head', '04 00 00000006 00000001 01 03', 0],
    ['that ends inside a head', '04 00 0000000a 00000002 01 03 00000002', 0],
  ])('refuses one %s', (_name, text, maxPduBytes) => {
    const defects: string[] = [];
    const reader = new PduReader(
      {
        onControl: () => undefined,
        onDataHeader: () => true,
        onPiece: () => undefined,
        onPduEnd: () => undefined,
        onDefect: ({ detail }) => void defects.push(detail),
      },
      maxPduBytes,
    );
    void reader.feed(hex(text));
    expect(defects).toHaveLength(1);
  });

  test.each([
    '08 00 00000004 00000000',
    '00 00 00000000',
    '05 00 00000005 0000000000',
    '01 00 7fffffff',
    '07 00 ffffffff',
  ])('refuses the header %s before anything of it is held', (text) =>
    expect(readAll(hex(text), []).defects).toHaveLength(1),
  );
});
