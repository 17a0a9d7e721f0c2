// Control PDUs out of bytes (PS3.8 9.3.2 to 9.3.8). Unknown items are skipped as PS3.8 9.3.1 asks; everything is bounded.
import { err, ok, type Result } from '#shared/base/result.ts';
import { FieldReader, PduStop, uidOf } from './field-reader.ts';
import { parseUserInformation } from './parse-user-information.ts';
import {
  ABORT_REASON,
  PDU_TYPE,
  type AnsweredContext,
  type ControlPdu,
  type PduDefect,
  type ProposedContext,
  type UserInformation,
} from './pdu.ts';

/** Longest control PDU: 128 contexts with all transfer syntaxes take about 200 KB, user information at most 64 KB. */
export const MAX_CONTROL_BYTES = 1024 * 1024;
/** Odd numbers of one byte (PS3.8 9.3.2.2). */
const MAX_CONTEXTS = 128;
const MAX_TRANSFER_SYNTAXES = 512;

/** One whole PDU with its header; never throws. */
export function parsePdu(bytes: Uint8Array): Result<ControlPdu, PduDefect> {
  try {
    const reader = new FieldReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'The PDU');
    const type = reader.u8();
    reader.skip(1);
    const length = reader.u32();
    if (length !== reader.left) throw new PduStop(`The PDU states ${length} bytes and has ${reader.left}.`);
    return ok(parseBody(type, reader));
  } catch (error) {
    if (error instanceof PduStop) return err(error.defect);
    throw error;
  }
}

function parseBody(type: number, reader: FieldReader): ControlPdu {
  switch (type) {
    case PDU_TYPE['associate-rq']: {
      const { head, items } = parseAssociate(reader, 0x20);
      return { kind: 'associate-rq', ...head, contexts: uniqueIds(items.map(parseProposed)) };
    }
    case PDU_TYPE['associate-ac']: {
      const { head, items } = parseAssociate(reader, 0x21);
      return { kind: 'associate-ac', ...head, contexts: uniqueIds(items.map(parseAnswered)) };
    }
    case PDU_TYPE['associate-rj']: {
      reader.skip(1);
      const rejection = { result: reader.u8(), source: reader.u8(), reason: reader.u8() };
      reader.done();
      return { kind: 'associate-rj', ...rejection };
    }
    case PDU_TYPE['release-rq']:
    case PDU_TYPE['release-rp']:
      reader.skip(4);
      reader.done();
      return { kind: type === PDU_TYPE['release-rq'] ? 'release-rq' : 'release-rp' };
    case PDU_TYPE.abort: {
      reader.skip(2);
      const abort = { source: reader.u8(), reason: reader.u8() };
      reader.done();
      return { kind: 'abort', ...abort };
    }
    default:
      throw new PduStop(`There is no PDU of type ${type}.`, ABORT_REASON.unrecognizedPdu);
  }
}

interface AssociateHead {
  protocolVersion: number;
  calledAet: string;
  callingAet: string;
  applicationContextUid: string;
  user: UserInformation;
}

function parseAssociate(reader: FieldReader, contextType: number): { head: AssociateHead; items: FieldReader[] } {
  const protocolVersion = reader.u16();
  reader.skip(2);
  const calledAet = reader.aeTitle();
  const callingAet = reader.aeTitle();
  reader.skip(32);
  const items: FieldReader[] = [];
  let applicationContextUid: string | undefined;
  let user: UserInformation | undefined;
  while (reader.left > 0) {
    const type = reader.u8();
    reader.skip(1);
    const length = reader.u16();
    if (type === 0x10) applicationContextUid ??= reader.uid(length);
    else if (type === contextType) items.push(reader.sub(length, 'A presentation context'));
    else if (type === 0x50) user ??= parseUserInformation(reader.sub(length, 'The user information'));
    else reader.skip(length);
    if (items.length > MAX_CONTEXTS) throw new PduStop(`There are more than ${MAX_CONTEXTS} presentation contexts.`);
  }
  if (applicationContextUid === undefined) throw new PduStop('The application context is missing.');
  if (!user) throw new PduStop('The user information is missing.');
  return { head: { protocolVersion, calledAet, callingAet, applicationContextUid, user }, items };
}

function contextId(reader: FieldReader): number {
  const id = reader.u8();
  if (id % 2 === 0) throw new PduStop(`The presentation context ID ${id} is even.`);
  return id;
}

function parseProposed(reader: FieldReader): ProposedContext {
  const id = contextId(reader);
  reader.skip(3);
  let abstractSyntaxUid: string | undefined;
  const transferSyntaxUids: string[] = [];
  for (const { type, body } of subItems(reader)) {
    if (type === 0x30) abstractSyntaxUid ??= uidOf(body);
    else if (type === 0x40) transferSyntaxUids.push(uidOf(body));
    if (transferSyntaxUids.length > MAX_TRANSFER_SYNTAXES) throw new PduStop('There are too many transfer syntaxes.');
  }
  if (abstractSyntaxUid === undefined) throw new PduStop(`Presentation context ${id} has no abstract syntax.`);
  if (transferSyntaxUids.length === 0) throw new PduStop(`Presentation context ${id} has no transfer syntax.`);
  return { id, abstractSyntaxUid, transferSyntaxUids };
}

function parseAnswered(reader: FieldReader): AnsweredContext {
  const id = contextId(reader);
  reader.skip(1);
  const result = reader.u8();
  reader.skip(1);
  let transferSyntaxUid = '';
  // Peers leave the transfer syntax of a refused context out, or fill it with anything: it is not significant.
  if (result !== 0) return { id, result, transferSyntaxUid };
  for (const { type, body } of subItems(reader)) if (type === 0x40) transferSyntaxUid ||= uidOf(body);
  if (transferSyntaxUid === '') throw new PduStop(`Presentation context ${id} is accepted without a transfer syntax.`);
  return { id, result, transferSyntaxUid };
}

function* subItems(reader: FieldReader): Generator<{ type: number; body: Buffer }> {
  while (reader.left > 0) {
    const type = reader.u8();
    reader.skip(1);
    yield { type, body: reader.bytes(reader.u16()) };
  }
}

function uniqueIds<T extends { id: number }>(contexts: T[]): T[] {
  if (new Set(contexts.map(({ id }) => id)).size !== contexts.length)
    throw new PduStop('A presentation context ID comes twice.');
  return contexts;
}
