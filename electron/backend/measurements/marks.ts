// All that persons put on images: lengths and key images, their own and those that came with a study.
import type { OnRenewed } from '#backend/base/open-or-renew.ts';
import type { Archive } from '#backend/archive/archive.ts';
import type { ForeignReport, ForeignSelection } from '#shared/contract/marks.ts';
import { ForeignDocuments } from './foreign-documents.ts';
import { readForeignReports } from './foreign-reports.ts';
import { readForeignSelections } from './foreign-selections.ts';
import { keyImageJournal, lengthJournal, type KeyImageJournal, type LengthJournal } from './journals.ts';
import { MarkDatabase } from './mark-database.ts';

export class Marks {
  readonly lengths: LengthJournal;
  readonly keyImages: KeyImageJournal;
  readonly reports: ForeignDocuments<ForeignReport>;
  readonly selections: ForeignDocuments<ForeignSelection>;
  readonly #database: MarkDatabase;

  /** What belongs to a study goes with it. */
  constructor(archive: Archive, file: string, key: Uint8Array, onRenewed?: OnRenewed) {
    this.#database = new MarkDatabase(file, key, onRenewed);
    this.lengths = lengthJournal(this.#database);
    this.keyImages = keyImageJournal(this.#database);
    this.reports = new ForeignDocuments(archive, this.lengths, readForeignReports);
    this.selections = new ForeignDocuments(archive, this.keyImages, readForeignSelections);
    archive.onRemoval((studyUid) => {
      this.lengths.removeStudy(studyUid);
      this.keyImages.removeStudy(studyUid);
    });
  }

  /** Studies whose marks are nowhere else: no document of them as they are now was sent. */
  unsent(wasSent: (sopInstanceUid: string) => boolean): Set<string> {
    const unsent = new Set<string>();
    for (const journal of [this.lengths, this.keyImages])
      for (const studyUid of journal.counts().keys()) {
        const document = journal.latestDocument(studyUid);
        if (!document?.isCurrent || !wasSent(document.sopInstanceUid)) unsent.add(studyUid);
      }
    return unsent;
  }

  /** Calls back after each change of a study's marks; returns the function that unregisters. */
  onChange(listener: (studyUid: string) => void): () => void {
    const ends = [this.lengths.onChange(listener), this.keyImages.onChange(listener)];
    return () => ends.forEach((end) => end());
  }

  close(): void {
    this.#database.close();
  }
}
