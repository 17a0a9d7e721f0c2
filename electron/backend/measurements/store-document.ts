// A document of our own on its way into the archive and back out: read again from the stored file before it counts as saved.
import { randomUUID } from 'node:crypto';
import type { Archive } from '#backend/archive/archive.ts';
import { encodeElements } from '#backend/base/encode-elements.ts';
import { elementsOf } from '#backend/base/encode-json.ts';
import { part10Head } from '#backend/sources/part10-head.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { readInstance } from '#shared/dicom/read-instance.ts';
import { EXPLICIT_LITTLE } from '#shared/dicom/transfer-syntaxes.ts';
import { uidOfUuid } from '#shared/dicom/uuid-uid.ts';

export const newUid = (): string => uidOfUuid(randomUUID());

/** Stores a data set and gives what its file then holds. Rejects with LecternError 'disk-full', or 'internal' where it was not stored as
 * it is. */
export async function storeDocument(archive: Archive, dataset: DicomJson): Promise<DicomJson> {
  const [sopClassUid = '', sopInstanceUid = '', studyUid = ''] = ['00080016', '00080018', '0020000D'].map((tag) =>
    textOf(dataset, tag),
  );
  const head = part10Head({ sopClassUid, sopInstanceUid, transferSyntaxUid: EXPLICIT_LITTLE, sourceAet: '' });
  const stream = archive.ingest.stream({ path: 'made here', studyUid, announcedUid: sopInstanceUid });
  await stream.write(Buffer.concat([head, encodeElements(elementsOf(dataset), EXPLICIT_LITTLE)]));
  const { outcome, reason } = await stream.finish();
  if (outcome !== 'stored')
    throw new LecternError('internal', `The document could not be stored (${outcome}${reason ? `: ${reason}` : ''}).`);
  const location = archive.index.locate(sopInstanceUid);
  if (!location) throw new LecternError('internal', 'The document is not in the archive.');
  const reader = archive.open(location);
  try {
    const read = readInstance(reader);
    if (read.ok && textOf(read.value.dataset, '00080018') === sopInstanceUid) return read.value.dataset;
  } finally {
    reader.close();
  }
  throw new LecternError('internal', 'The document was stored but does not read: it counts as not saved.');
}
