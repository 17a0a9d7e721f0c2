// Command sets (PS3.7 6.3, 9.3, 10.3, Annex E): always Implicit VR Little Endian, group 0000. A closed list of fields.
import { trimmedEnd } from '#shared/base/trimmed-end.ts';
import { err, ok, type Result } from '#shared/base/result.ts';

/** PS3.7 E.1 (0000,0100). Responses have bit 15 set. */
export const COMMAND = {
  storeRq: 0x0001,
  storeRsp: 0x8001,
  getRq: 0x0010,
  getRsp: 0x8010,
  findRq: 0x0020,
  findRsp: 0x8020,
  moveRq: 0x0021,
  moveRsp: 0x8021,
  echoRq: 0x0030,
  echoRsp: 0x8030,
  eventReportRq: 0x0100,
  eventReportRsp: 0x8100,
  actionRq: 0x0130,
  actionRsp: 0x8130,
  cancelRq: 0x0fff,
} as const;
export const RESPONSE_BIT = 0x8000;
/** (0000,0800) of a message without data set. */
export const NO_DATA_SET = 0x0101;
/** Any other value says that one follows. */
export const HAS_DATA_SET = 0x0001;

export interface CommandSet {
  affectedSopClassUid?: string;
  requestedSopClassUid?: string;
  commandField: number;
  messageId?: number;
  messageIdBeingRespondedTo?: number;
  moveDestination?: string;
  /** 0 medium, 1 high, 2 low. */
  priority?: number;
  dataSetType: number;
  status?: number;
  /** Tags, eight hex digits. */
  offendingElements?: readonly string[];
  errorComment?: string;
  errorId?: number;
  affectedSopInstanceUid?: string;
  requestedSopInstanceUid?: string;
  eventTypeId?: number;
  attributeIdentifiers?: readonly string[];
  actionTypeId?: number;
  remainingSubOperations?: number;
  completedSubOperations?: number;
  failedSubOperations?: number;
  warningSubOperations?: number;
  moveOriginatorAet?: string;
  moveOriginatorMessageId?: number;
  /** (0008,0058). It belongs in a C-GET or C-MOVE response's identifier; Orthanc writes it into the command set. */
  failedSopInstanceUids?: readonly string[];
}

type Kind = 'uid' | 'text' | 'us' | 'tags';
/** Element number in group 0000, in order. */
const FIELDS: readonly [number, Exclude<keyof CommandSet, 'failedSopInstanceUids'>, Kind][] = [
  [0x0002, 'affectedSopClassUid', 'uid'],
  [0x0003, 'requestedSopClassUid', 'uid'],
  [0x0100, 'commandField', 'us'],
  [0x0110, 'messageId', 'us'],
  [0x0120, 'messageIdBeingRespondedTo', 'us'],
  [0x0600, 'moveDestination', 'text'],
  [0x0700, 'priority', 'us'],
  [0x0800, 'dataSetType', 'us'],
  [0x0900, 'status', 'us'],
  [0x0901, 'offendingElements', 'tags'],
  [0x0902, 'errorComment', 'text'],
  [0x0903, 'errorId', 'us'],
  [0x1000, 'affectedSopInstanceUid', 'uid'],
  [0x1001, 'requestedSopInstanceUid', 'uid'],
  [0x1002, 'eventTypeId', 'us'],
  [0x1005, 'attributeIdentifiers', 'tags'],
  [0x1008, 'actionTypeId', 'us'],
  [0x1020, 'remainingSubOperations', 'us'],
  [0x1021, 'completedSubOperations', 'us'],
  [0x1022, 'failedSubOperations', 'us'],
  [0x1023, 'warningSubOperations', 'us'],
  [0x1030, 'moveOriginatorAet', 'text'],
  [0x1031, 'moveOriginatorMessageId', 'us'],
];
const BY_ELEMENT = new Map(FIELDS.map(([element, name, kind]) => [element, { name, kind }]));

/** Longest command set that is read; real ones have a few hundred bytes. */
export const MAX_COMMAND_BYTES = 64 * 1024;

export function encodeCommand(command: CommandSet): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (const [element, name, kind] of FIELDS) {
    const value = command[name];
    if (value === undefined) continue;
    const bytes = valueBytes(kind, value);
    const header = Buffer.alloc(8);
    header.writeUInt16LE(element, 2);
    header.writeUInt32LE(bytes.length, 4);
    parts.push(header, bytes);
    length += 8 + bytes.length;
  }
  const group = Buffer.alloc(12);
  group.writeUInt32LE(4, 4);
  group.writeUInt32LE(length, 8);
  return Buffer.concat([group, ...parts]);
}

function valueBytes(kind: Kind, value: string | number | readonly string[]): Buffer {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
    return bytes;
  }
  if (typeof value !== 'string') {
    const bytes = Buffer.alloc(value.length * 4);
    value.forEach((tag, index) => {
      bytes.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), index * 4);
      bytes.writeUInt16LE(Number.parseInt(tag.slice(4), 16), index * 4 + 2);
    });
    return bytes;
  }
  return Buffer.from(value.length % 2 ? value + (kind === 'uid' ? '\0' : ' ') : value, 'latin1');
}

/** Never throws. Unknown elements are skipped; the error says in words what is wrong. */
export function parseCommand(bytes: Buffer): Result<CommandSet, string> {
  const command: Partial<Record<keyof CommandSet, string | number | string[]>> = {};
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) return err('The command set ends inside an element.');
    const group = bytes.readUInt16LE(at);
    const element = bytes.readUInt16LE(at + 2);
    const length = bytes.readUInt32LE(at + 4);
    at += 8;
    if (length > bytes.length - at) return err('The command set ends inside a value.');
    // What else peers put here as "status detail" is skipped, as unknown elements are.
    if (group === 0x0008 && element === 0x0058)
      command.failedSopInstanceUids = bytes
        .toString('latin1', at, at + length)
        .split(/[\\\0 ]+/)
        .filter(Boolean);
    const field = group === 0 ? BY_ELEMENT.get(element) : undefined;
    if (field) {
      const value = parseValue(field.kind, bytes.subarray(at, at + length));
      if (value === undefined)
        return err(`The element (0000,${element.toString(16).padStart(4, '0')}) has an impossible length.`);
      command[field.name] = value;
    }
    at += length;
  }
  if (command.commandField === undefined) return err('The command set has no command field (0000,0100).');
  if (command.dataSetType === undefined)
    return err('The command set does not say whether a data set follows (0000,0800).');
  return ok(command as unknown as CommandSet);
}

function parseValue(kind: Kind, bytes: Buffer): string | number | string[] | undefined {
  switch (kind) {
    case 'us':
      return bytes.length === 2 ? bytes.readUInt16LE(0) : undefined;
    case 'uid':
    case 'text':
      // UIDs padded with spaces, titles with null bytes: both are met.
      return trimmedEnd(bytes.toString('latin1'), '\0 ').replace(/^ +/, '');
    case 'tags': {
      if (bytes.length % 4 !== 0) return undefined;
      const hex = (at: number): string => bytes.readUInt16LE(at).toString(16).toUpperCase().padStart(4, '0');
      return Array.from({ length: bytes.length / 4 }, (_, index) => hex(index * 4) + hex(index * 4 + 2));
    }
  }
}
