// How many lengths there are and whether they would go with the study; stands under the series.
import type { ForeignReport, StoredLength } from '#shared/contract/marks.ts';
import type { Lengths } from './use-lengths.ts';

export const countText = (count: number): string => `${count} ${count === 1 ? 'length' : 'lengths'}`;

/** Lengths of a report that are not among the own ones. */
export const drawableOf = (report: ForeignReport, list: readonly StoredLength[]): readonly StoredLength[] =>
  report.lengths.filter(({ uid }) => !list.some((own) => own.uid === uid));

export function LengthsMark({ lengths, onOpen }: { lengths: Lengths; onOpen(): void }) {
  const { list, isKept, report, others } = lengths;
  const waiting = others.reduce((sum, each) => sum + drawableOf(each, list).length, 0);
  if (list.length === 0 && waiting === 0) return null;
  const isSaved = isKept && report?.isCurrent === true;
  const where = !isKept ? 'not kept yet' : isSaved ? 'saved in the study' : 'kept in the archive';
  return (
    <button
      type="button"
      className={`plain kept ${isSaved || list.length === 0 ? 'quiet' : 'warning'}`}
      title={isSaved ? 'They are sent with the study' : 'Not sent with the study until they are saved in it'}
      onClick={onOpen}
    >
      {list.length > 0 && `${countText(list.length)}, ${where}`}
      {list.length > 0 && waiting > 0 && <br />}
      {waiting > 0 && `${countText(waiting)} in reports, not drawn`}
    </button>
  );
}
