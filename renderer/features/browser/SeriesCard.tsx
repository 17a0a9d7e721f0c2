// One series as a small picture with its counts and marks; where there is no picture it says why.
import { FileText, ImageOff } from 'lucide-react';
import { useId, useState, type DragEvent } from 'react';
import { BackendError, request } from '../../backend-client/client.ts';
import type { SeriesRow } from '#shared/contract/views.ts';
import { countText, objectWords, seriesNotes, seriesTitle } from './series-words.ts';

interface SeriesCardProps {
  series: SeriesRow;
  isShown?: boolean;
  /** It stands in the cell that has the keys. */
  isActive?: boolean;
  isDraggable?: boolean;
  onOpen(): void;
  onFocus?(): void;
}

export function SeriesCard({
  series,
  isShown = false,
  isActive = false,
  isDraggable = false,
  onOpen,
  onFocus,
}: SeriesCardProps) {
  const title = seriesTitle(series);
  const notes = seriesNotes(series);
  const id = useId();
  const start = (event: DragEvent): void => {
    event.dataTransfer.setData('application/x-lectern-series', series.seriesUid);
    event.dataTransfer.effectAllowed = 'copy';
  };
  return (
    <button
      type="button"
      className="series-card"
      title={[title, countText(series), ...notes].join('\n')}
      aria-describedby={notes.length ? id : undefined}
      data-shown={isShown}
      aria-current={isActive}
      data-series={series.seriesUid}
      draggable={isDraggable}
      onDragStart={start}
      onFocus={onFocus}
      onDoubleClick={onOpen}
      // A key, not the pointer: one press opens.
      onClick={(event) => event.detail === 0 && onOpen()}
    >
      <Picture key={series.thumbnailSopUid} series={series} />
      <span className="label">{title}</span>
      <span className="label small quiet">{countText(series)}</span>
      {notes.length > 0 && (
        <span className="label small">
          {series.damagedCount > 0 && <span className="tag dangerous">damaged</span>}
          {series.missingCount > 0 && <span className="tag warning">incomplete</span>}
          {series.conflictCount > 0 && <span className="tag dangerous">conflict</span>}
          {series.repairedCount > 0 && <span className="tag warning">repaired</span>}
        </span>
      )}
      {notes.length > 0 && (
        <span id={id} hidden>
          {notes.join(' ')}
        </span>
      )}
    </button>
  );
}

function Picture({ series }: { series: SeriesRow }) {
  const [failed, setFailed] = useState<{ count: number; of: SeriesRow; reason: string }>();
  const address = `/api/dicomweb/studies/${series.studyUid}/series/${series.seriesUid}/thumbnail`;
  if (series.thumbnailSopUid === null)
    return (
      <span className="no-picture">
        <FileText size={20} aria-hidden="true" />
        {objectWords(series.modality)}
      </span>
    );
  // Once there is more to the series, or it is whole again, the picture is asked for anew.
  if (failed?.of === series)
    return (
      <span className="no-picture">
        <ImageOff size={20} aria-hidden="true" />
        <span className="warning">No preview</span>
        <span className="reason">{failed.reason}</span>
      </span>
    );
  // An <img> does not learn why it failed: the address is asked once more for the reason.
  const explain = async (): Promise<void> => {
    const note = (reason: string): void =>
      setFailed((before) => ({ count: (before?.count ?? 0) + 1, of: series, reason }));
    try {
      await request(address);
      note('The preview is no picture.');
    } catch (error) {
      note(error instanceof BackendError ? error.message : 'The preview could not be fetched.');
    }
  };
  return (
    <img key={failed?.count} alt="" loading="lazy" draggable={false} src={address} onError={() => void explain()} />
  );
}
