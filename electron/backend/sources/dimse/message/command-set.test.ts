// Command sets: annotated bytes, round trips, truncations; and the status tables.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMAND, encodeCommand, NO_DATA_SET, parseCommand, type CommandSet } from './command-set.ts';
import { statusOf, statusText } from './status.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/--.*$/gm, '').replaceAll(/\s/g, ''), 'hex');

/** C-ECHO-RQ, message ID 7. */
const ECHO = hex(`
  0000 0000 04000000 38000000          -- group length 56
  0000 0200 12000000 312e322e3834302e31303030382e312e3100  -- affected SOP class 1.2.840.10008.1.1, padded
  0000 0001 02000000 3000              -- command field C-ECHO-RQ
  0000 1001 02000000 0700              -- message ID 7
  0000 0008 02000000 0101              -- no data set
`);

test('C-ECHO-RQ, element by element', () => {
  const command = {
    affectedSopClassUid: '1.2.840.10008.1.1',
    commandField: COMMAND.echoRq,
    messageId: 7,
    dataSetType: NO_DATA_SET,
  };
  expect(encodeCommand(command)).toEqual(ECHO);
  expect(parseCommand(ECHO)).toEqual({ ok: true, value: command });
});

const us = fc.nat(0xffff);
const uid = fc.array(fc.nat(9999), { minLength: 2, maxLength: 6 }).map((parts) => parts.join('.'));
const tag = fc.nat(0xffffffff).map((value) => value.toString(16).toUpperCase().padStart(8, '0'));
const text = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,15}$/);
const commandArbitrary: fc.Arbitrary<CommandSet> = fc.record(
  {
    commandField: us,
    dataSetType: us,
    affectedSopClassUid: uid,
    requestedSopClassUid: uid,
    messageId: us,
    messageIdBeingRespondedTo: us,
    moveDestination: text,
    priority: us,
    status: us,
    offendingElements: fc.array(tag, { minLength: 1, maxLength: 3 }),
    errorComment: text,
    errorId: us,
    affectedSopInstanceUid: uid,
    requestedSopInstanceUid: uid,
    eventTypeId: us,
    attributeIdentifiers: fc.array(tag, { minLength: 1, maxLength: 3 }),
    actionTypeId: us,
    remainingSubOperations: us,
    completedSubOperations: us,
    failedSubOperations: us,
    warningSubOperations: us,
    moveOriginatorAet: text,
    moveOriginatorMessageId: us,
  },
  { requiredKeys: ['commandField', 'dataSetType'] },
);

describe('command sets', () => {
  test('what is written reads back', () => {
    fc.assert(
      fc.property(commandArbitrary, (command) => {
        expect(parseCommand(encodeCommand(command))).toEqual({ ok: true, value: command });
      }),
    );
  });

  test('a text that is long and full of padding holds nobody up', () => {
    // Where a step were made for each two of its signs, the test would not end in its time.
    const text = Buffer.from(`x${' '.repeat(2_000_000)}x`);
    const element = Buffer.alloc(8);
    element.writeUInt32LE(0x0902_0000);
    element.writeUInt32LE(text.length, 4);
    expect(parseCommand(Buffer.concat([ECHO, element, text])).ok).toBe(true);
  });

  test('no truncation is taken for whole', () => {
    for (let length = 0; length < ECHO.length; length++)
      expect(parseCommand(ECHO.subarray(0, length)).ok, `cut at ${length}`).toBe(false);
  });

  test.each([
    ['a value beyond the end', '0000 0200 ffffffff 31', 'inside a value'],
    ['a number of three bytes', '0000 0001 03000000 300000', 'impossible length'],
    ['no command field', '0000 0008 02000000 0101', 'no command field'],
    ['no data set type', '0000 0001 02000000 3000', 'data set follows'],
  ])('refuses %s', (_name, bytes, words) => {
    const parsed = parseCommand(hex(bytes));
    expect(parsed.ok ? '' : parsed.error).toContain(words);
  });
});

test('elements of other groups are skipped, but for the failed UIDs that Orthanc puts there', () => {
  const tail = hex(`0800 5800 06000000 ${Buffer.from('1.2\\3 ').toString('hex')} 0900 1000 02000000 3131`);
  expect(parseCommand(Buffer.concat([ECHO, tail]))).toMatchObject({
    ok: true,
    value: { messageId: 7, failedSopInstanceUids: ['1.2', '3'] },
  });
});

test.each([
  ['store', 0x0000, 'success'],
  ['store', 0xa700, 'failure'],
  ['store', 0xa7ff, 'failure'],
  ['store', 0xa900, 'failure'],
  ['store', 0xb000, 'warning'],
  ['store', 0xb006, 'warning'],
  ['store', 0xb007, 'warning'],
  ['store', 0xc123, 'failure'],
  ['store', 0x0111, 'failure'],
  ['store', 0xff00, 'failure'],
  ['store', 0x1234, 'failure'],
  ['find', 0xff00, 'pending'],
  ['find', 0xff01, 'pending'],
  ['find', 0xfe00, 'cancel'],
  ['find', 0xa900, 'failure'],
  ['move', 0xa801, 'failure'],
  ['move', 0xb000, 'warning'],
  ['move', 0xff00, 'pending'],
  ['move', 0xff01, 'failure'],
  ['get', 0xa702, 'failure'],
  ['get', 0xfe00, 'cancel'],
  ['action', 0x0107, 'warning'],
  ['event-report', 0x0112, 'failure'],
  ['echo', 0x0122, 'failure'],
] as const)('%s status %i is %s', (service, code, category) => {
  expect(statusOf(service, code).category).toBe(category);
});

test('a status in words has its code, its meaning and what the peer said', () => {
  expect(statusText('move', 0xa801, 'no LECTERN here')).toBe(
    'status 0xA801, the move destination is not known to the other system ("no LECTERN here")',
  );
});
