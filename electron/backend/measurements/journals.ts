// The journals of lengths and of key images.
import { frameName, keyImage, storedLength, type KeyImage, type StoredLength } from '#shared/contract/marks.ts';
import type { MarkDatabase } from './mark-database.ts';
import { MarkJournal } from './mark-journal.ts';

export type LengthJournal = MarkJournal<StoredLength>;
export const lengthJournal = (database: MarkDatabase): LengthJournal =>
  new MarkJournal(database, {
    kind: 'measurement report',
    table: 'length_change',
    column: 'uid',
    shape: storedLength,
    nameOf: ({ uid }) => uid,
    studyOf: ({ studyUid }) => studyUid,
    madeAt: ({ drawnAt }) => drawnAt,
  });

export type KeyImageJournal = MarkJournal<KeyImage>;
export const keyImageJournal = (database: MarkDatabase): KeyImageJournal =>
  new MarkJournal<KeyImage>(database, {
    kind: 'key object selection',
    table: 'key_change',
    column: 'image',
    shape: keyImage,
    nameOf: frameName,
    studyOf: ({ studyUid }) => studyUid,
    madeAt: ({ markedAt }) => markedAt,
  });
