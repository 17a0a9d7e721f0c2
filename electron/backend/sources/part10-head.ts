// Preamble and file meta information of an instance that comes over the network (PS3.10 7.1): what a file needs before the
// data set as received.
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION } from './implementation.ts';

const PREAMBLE_BYTES = 128;

export interface Part10Facts {
  sopClassUid: string;
  sopInstanceUid: string;
  transferSyntaxUid: string;
  /** AE title of who sent it (0002,0016). */
  sourceAet: string;
}

function element(number: number, vr: string, value: string): Buffer {
  const text = value.length % 2 === 0 ? value : value + (vr === 'UI' ? '\0' : ' ');
  const head = Buffer.alloc(8);
  head.writeUInt16LE(0x0002, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  head.writeUInt16LE(text.length, 6);
  return Buffer.concat([head, Buffer.from(text, 'latin1')]);
}

export function part10Head(facts: Part10Facts): Buffer {
  const version = Buffer.from([2, 0, 1, 0, 0x4f, 0x42, 0, 0, 2, 0, 0, 0, 0, 1]);
  const body = Buffer.concat([
    version,
    element(0x0002, 'UI', facts.sopClassUid),
    element(0x0003, 'UI', facts.sopInstanceUid),
    element(0x0010, 'UI', facts.transferSyntaxUid),
    element(0x0012, 'UI', IMPLEMENTATION_CLASS_UID),
    element(0x0013, 'SH', IMPLEMENTATION_VERSION),
    ...(facts.sourceAet ? [element(0x0016, 'AE', facts.sourceAet)] : []),
  ]);
  const group = Buffer.from([2, 0, 0, 0, 0x55, 0x4c, 4, 0, 0, 0, 0, 0]);
  group.writeUInt32LE(body.length, 8);
  return Buffer.concat([Buffer.alloc(PREAMBLE_BYTES), Buffer.from('DICM'), group, body]);
}
