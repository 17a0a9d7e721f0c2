// Documents that came with a study and were not made by this archive, read once for each state of the archive: they are asked for
// again at each change of a mark.
import type { Archive } from '#backend/archive/archive.ts';
import { unpack } from '#backend/archive/instance-record.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { MarkJournal } from './mark-journal.ts';

const MOST_DOCUMENTS = 50;

export class ForeignDocuments<Document extends { sopInstanceUid: string }> {
  readonly #archive: Archive;
  readonly #journal: Pick<MarkJournal<never>, 'documentsOf'>;
  readonly #read: (archive: Archive, studyUid: string) => Document[];
  #last: { studyUid: string; seq: number; found: Document[] } | undefined;

  constructor(
    archive: Archive,
    journal: Pick<MarkJournal<never>, 'documentsOf'>,
    read: (archive: Archive, studyUid: string) => Document[],
  ) {
    this.#archive = archive;
    this.#journal = journal;
    this.#read = read;
  }

  /** Latest first. */
  of(studyUid: string): Document[] {
    const { seq } = this.#archive.index;
    if (this.#last?.studyUid !== studyUid || this.#last.seq !== seq)
      this.#last = { studyUid, seq, found: this.#read(this.#archive, studyUid) };
    const own = new Set(this.#journal.documentsOf(studyUid).map(({ sopInstanceUid }) => sopInstanceUid));
    return this.#last.found.filter(({ sopInstanceUid }) => !own.has(sopInstanceUid));
  }
}

export interface StoredImage {
  seriesUid: string;
  header: DicomJson;
}

/** Headers of the study's images as they are referred to, each read once: a report may refer to one a thousand times. Undefined where
 * it is not in this study here. */
export function imagesOf(archive: Archive, studyUid: string): (sopInstanceUid: string) => StoredImage | undefined {
  const read = new Map<string, StoredImage | undefined>();
  return (sopInstanceUid) => {
    if (!read.has(sopInstanceUid)) {
      const location = archive.index.locate(sopInstanceUid);
      const isHere = location?.studyUid === studyUid;
      const header = isHere ? (JSON.parse(archive.metadataText(location)) as DicomJson) : {};
      read.set(sopInstanceUid, isHere ? { seriesUid: location.seriesUid, header } : undefined);
    }
    return read.get(sopInstanceUid);
  };
}

/** Headers of a study's instances of these SOP classes, latest first. */
export const documentHeaders = (archive: Archive, studyUid: string, sopClassUids: readonly string[]): DicomJson[] =>
  archive.index.db
    .prepare<{ metadata: Buffer }>(
      `SELECT d.metadata FROM instance i JOIN study st ON st.id = i.study JOIN instance_detail d ON d.id = i.id
       WHERE st.uid = ? AND i.sop_class IN (SELECT value FROM json_each(?)) ORDER BY i.id DESC LIMIT ${MOST_DOCUMENTS}`,
    )
    .all(studyUid, JSON.stringify(sopClassUids))
    .map(({ metadata }) => JSON.parse(unpack(metadata)) as DicomJson);
