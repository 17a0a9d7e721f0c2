// One series as a small picture with its number of images and its marks.
import type { DragEvent } from 'react';
import { useState } from 'react';
import type { SeriesRow } from '#shared/contract/views.ts';

interface SeriesCardProps {
  series: SeriesRow;
  isShown?: boolean;
  isDraggable?: boolean;
  onOpen(): void;
}

export function SeriesCard({ series, isShown = false, isDraggable = false, onOpen }: SeriesCardProps) {
  const [hasFailed, setFailed] = useState(false);
  const title = [series.modality, series.number === null ? '' : `series ${series.number}`, series.description]
    .filter(Boolean)
    .join(', ');
  const marks = [
    series.repairedCount > 0 ? `${series.repairedCount} repaired: ${series.repairs.join(' ')}` : '',
    series.conflictCount > 0 ? `${series.conflictCount} in quarantine: the same UID with other content` : '',
  ].filter(Boolean);
  const start = (event: DragEvent): void => {
    event.dataTransfer.setData('application/x-lectern-series', series.seriesUid);
    event.dataTransfer.effectAllowed = 'copy';
  };
  return (
    <button
      type="button"
      className="series-card"
      title={[title, ...marks].join('\n')}
      data-shown={isShown}
      draggable={isDraggable}
      onDragStart={start}
      onDoubleClick={onOpen}
      onClick={(event) => event.detail === 0 && onOpen()}
    >
      {series.thumbnailSopUid !== null && !hasFailed ? (
        <img
          alt=""
          loading="lazy"
          draggable={false}
          src={`/api/dicomweb/studies/${series.studyUid}/series/${series.seriesUid}/thumbnail`}
          onError={() => setFailed(true)}
        />
      ) : (
        <span className="no-picture">{series.modality || 'No image'}</span>
      )}
      <span className="label">
        {series.modality} {series.number ?? ''} {series.description}
      </span>
      <span className="label small quiet">
        {series.frameCount > series.instanceCount
          ? `${series.frameCount} frames`
          : `${series.instanceCount} ${series.instanceCount === 1 ? 'image' : 'images'}`}
        {series.repairedCount > 0 && <span className="tag warning">repaired</span>}
        {series.conflictCount > 0 && <span className="tag dangerous">conflict</span>}
      </span>
    </button>
  );
}
