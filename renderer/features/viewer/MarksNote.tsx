// How many lengths and key images there are and whether they would go with the study; stands under the series.
import type { ForeignReport, StoredLength } from '#shared/contract/marks.ts';
import type { Marks } from './use-marks.ts';

const counted = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;
export const lengthsText = (count: number): string => counted(count, 'length');
export const keyImagesText = (count: number): string => counted(count, 'key image');
export const marksText = (lengths: number, keyImages: number): string =>
  [lengths > 0 && lengthsText(lengths), keyImages > 0 && keyImagesText(keyImages)].filter(Boolean).join(', ');

/** Lengths of a report that are not among the own ones. */
export const drawableOf = (report: ForeignReport, list: readonly StoredLength[]): readonly StoredLength[] =>
  report.lengths.filter(({ uid }) => !list.some((own) => own.uid === uid));

export function MarksNote({ marks, onOpen }: { marks: Marks; onOpen(): void }) {
  const { lengths, keyImages, saved } = marks;
  const waiting = lengths.others.reduce((sum, each) => sum + drawableOf(each, lengths.list).length, 0);
  const selected = keyImages.others.reduce((sum, each) => sum + each.images.length, 0);
  const own = marksText(lengths.list.length, keyImages.images.length);
  if (own === '' && waiting === 0 && selected === 0) return null;
  const isKept = lengths.isKept && keyImages.isKept;
  const where = !isKept ? 'not kept yet' : saved === 'current' ? 'saved in the study' : 'kept in the archive';
  return (
    <button
      type="button"
      className={`plain kept ${saved === 'current' || own === '' ? 'quiet' : 'warning'}`}
      title={
        saved === 'current' ? 'They are sent with the study' : 'Not sent with the study until they are saved in it'
      }
      onClick={onOpen}
    >
      {own !== '' && <span>{`${own}, ${where}`}</span>}
      {waiting > 0 && <span>{`${lengthsText(waiting)} in reports, not drawn`}</span>}
      {selected > 0 && <span>{`${keyImagesText(selected)} of others`}</span>}
    </button>
  );
}
