// Bytes for parrots: requests, acceptances, P-DATA-TF, and small data sets. For tests only.
import { writeFile, text, type Dataset } from '#shared/testing/dicom-builder.ts';
import { readInstance } from '#shared/dicom/read-instance.ts';
import type { OutgoingInstance } from '../../source.ts';
import { encodeCommand, type CommandSet } from '../message/command-set.ts';
import { encodePdu } from '../pdu/encode-pdu.ts';
import { APPLICATION_CONTEXT } from '../pdu/pdu.ts';

export const CT = '1.2.840.10008.5.1.4.1.1.2';
export const EXPLICIT = '1.2.840.10008.1.2.1';
export const IMPLICIT = '1.2.840.10008.1.2';
export const VERIFICATION = '1.2.840.10008.1.1';

/** A-ASSOCIATE-RQ for these SOP classes in Explicit VR Little Endian, with context IDs 1, 3 ... */
export const associateRequest = (
  sopClassUids: readonly string[],
  callingAet = 'PARROT',
  calledAet = 'LECTERN',
): Buffer =>
  encodePdu({
    kind: 'associate-rq',
    protocolVersion: 1,
    calledAet,
    callingAet,
    applicationContextUid: APPLICATION_CONTEXT,
    contexts: sopClassUids.map((abstractSyntaxUid, index) => ({
      id: index * 2 + 1,
      abstractSyntaxUid,
      transferSyntaxUids: [EXPLICIT],
    })),
    user: { maxPduBytes: 16384, roles: [], extended: [], commonExtended: [] },
  });

/** A-ASSOCIATE-AC that takes contexts 1, 3 ... in Explicit VR Little Endian. */
export const associateAccept = (count: number, maxPduBytes = 16384): Buffer =>
  encodePdu({
    kind: 'associate-ac',
    protocolVersion: 1,
    calledAet: 'PARROT',
    callingAet: 'LECTERN',
    applicationContextUid: APPLICATION_CONTEXT,
    contexts: Array.from({ length: count }, (_, index) => ({
      id: index * 2 + 1,
      result: 0,
      transferSyntaxUid: EXPLICIT,
    })),
    user: { maxPduBytes, roles: [], extended: [], commonExtended: [] },
  });

export function dataPdu(contextId: number, control: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 4;
  head.writeUInt32BE(bytes.length + 6, 2);
  head.writeUInt32BE(bytes.length + 2, 6);
  head[10] = contextId;
  head[11] = control;
  return Buffer.concat([head, bytes]);
}
export const commandPdu = (contextId: number, command: CommandSet): Buffer =>
  dataPdu(contextId, 3, encodeCommand(command));

export const storeCommand = (sopInstanceUid: string, sopClassUid = CT): CommandSet => ({
  commandField: 1,
  messageId: 1,
  priority: 0,
  dataSetType: 1,
  affectedSopClassUid: sopClassUid,
  affectedSopInstanceUid: sopInstanceUid,
});

/** A small data set of an instance, with filling of `sizeBytes` behind its UIDs. */
export function instanceBytes(
  sopInstanceUid: string,
  sizeBytes = 64,
  sopClassUid = CT,
  transferSyntaxUid = EXPLICIT,
): Buffer {
  const dataset: Dataset = {
    '00080016': text('UI', sopClassUid),
    '00080018': text('UI', sopInstanceUid),
    '0020000D': text('UI', '1.2.3.4'),
    '0020000E': text('UI', '1.2.3.4.5'),
    '00420011': { vr: 'OB', bytes: Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31) & 255) },
  };
  return datasetOf(writeFile(dataset, { transferSyntaxUid, hasPreamble: false, hasMeta: false }));
}
const datasetOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes);

/** The data set of a Part 10 file, and what the file says it is. Throws on a file that cannot be read. */
export function splitFile(file: Uint8Array): { transferSyntaxUid: string; dataset: Buffer } {
  const parsed = readInstance({ size: file.length, read: (offset, length) => file.subarray(offset, offset + length) });
  if (!parsed.ok) throw new Error(parsed.error.detail);
  const { datasetOffset, meta } = parsed.value;
  return {
    transferSyntaxUid: String(meta['00020010']?.Value?.[0]),
    dataset: Buffer.from(file.subarray(datasetOffset)),
  };
}

/** Something to send. */
export function outgoing(
  sopInstanceUid: string,
  more: Partial<OutgoingInstance> & { bytes?: Buffer } = {},
): OutgoingInstance {
  const bytes = more.bytes ?? instanceBytes(sopInstanceUid, 64, more.sopClassUid, more.transferSyntaxUid);
  return {
    sopClassUid: CT,
    sopInstanceUid,
    transferSyntaxUid: EXPLICIT,
    sizeBytes: bytes.length,
    async *dataset() {
      for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
    },
    ...more,
  };
}
