// Bytes of the control PDUs (PS3.8 9.3.2 to 9.3.8) and of the user information items (PS3.8 D.1, PS3.7 D.3.3).
import { PDU_TYPE, type AnsweredContext, type ControlPdu, type ProposedContext, type UserInformation } from './pdu.ts';

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
/** A field behind its own 16-bit length. */
const counted = (bytes: Uint8Array): Buffer => Buffer.concat([u16(bytes.length), bytes]);
const item = (type: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([type, 0]), u16(body.length), body]);
};
const aeTitle = (title: string): Buffer => ascii(title.slice(0, 16).padEnd(16, ' '));

/** A whole PDU with its header. Throws RangeError where a value does not fit its field. */
export function encodePdu(pdu: ControlPdu): Buffer {
  const body = bodyOf(pdu);
  return Buffer.concat([Buffer.from([PDU_TYPE[pdu.kind], 0]), u32(body.length), body]);
}

function bodyOf(pdu: ControlPdu): Buffer {
  switch (pdu.kind) {
    case 'associate-rq':
    case 'associate-ac':
      return Buffer.concat([
        u16(pdu.protocolVersion),
        Buffer.alloc(2),
        aeTitle(pdu.calledAet),
        aeTitle(pdu.callingAet),
        Buffer.alloc(32),
        item(0x10, ascii(pdu.applicationContextUid)),
        ...(pdu.kind === 'associate-rq' ? pdu.contexts.map(proposed) : pdu.contexts.map(answered)),
        item(0x50, ...userItems(pdu.user)),
      ]);
    case 'associate-rj':
      return Buffer.from([0, pdu.result, pdu.source, pdu.reason]);
    case 'abort':
      return Buffer.from([0, 0, pdu.source, pdu.reason]);
    case 'release-rq':
    case 'release-rp':
      return Buffer.alloc(4);
  }
}

const proposed = (context: ProposedContext): Buffer =>
  item(
    0x20,
    Buffer.from([context.id, 0, 0, 0]),
    item(0x30, ascii(context.abstractSyntaxUid)),
    ...context.transferSyntaxUids.map((uid) => item(0x40, ascii(uid))),
  );

const answered = (context: AnsweredContext): Buffer =>
  item(0x21, Buffer.from([context.id, 0, context.result, 0]), item(0x40, ascii(context.transferSyntaxUid)));

function userItems(user: UserInformation): Buffer[] {
  const items: Buffer[] = [];
  if (user.maxPduBytes !== undefined) items.push(item(0x51, u32(user.maxPduBytes)));
  if (user.implementationClassUid !== undefined) items.push(item(0x52, ascii(user.implementationClassUid)));
  if (user.asyncWindow) items.push(item(0x53, u16(user.asyncWindow.invoked), u16(user.asyncWindow.performed)));
  for (const { sopClassUid, isScu, isScp } of user.roles)
    items.push(item(0x54, counted(ascii(sopClassUid)), Buffer.from([Number(isScu), Number(isScp)])));
  if (user.implementationVersion !== undefined) items.push(item(0x55, ascii(user.implementationVersion)));
  for (const { sopClassUid, information } of user.extended)
    items.push(item(0x56, counted(ascii(sopClassUid)), information));
  for (const { version, sopClassUid, serviceClassUid, relatedSopClassUids } of user.commonExtended) {
    const body = Buffer.concat([
      counted(ascii(sopClassUid)),
      counted(ascii(serviceClassUid)),
      counted(Buffer.concat(relatedSopClassUids.map((uid) => counted(ascii(uid))))),
    ]);
    // The second byte, reserved elsewhere, is this item's version (PS3.7 D.3.3.6).
    items.push(Buffer.concat([Buffer.from([0x57, version]), u16(body.length), body]));
  }
  if (user.userIdentity) {
    const { type, wantsAnswer, primary, secondary } = user.userIdentity;
    items.push(item(0x58, Buffer.from([type, Number(wantsAnswer)]), counted(primary), counted(secondary)));
  }
  if (user.userIdentityAnswer) items.push(item(0x59, counted(user.userIdentityAnswer)));
  return items;
}
