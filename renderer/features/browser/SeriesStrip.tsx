// The series of the study in focus.
import { useEffect, useState } from 'react';
import type { SeriesRow, StudyRow } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { SeriesCard } from './SeriesCard.tsx';

export function SeriesStrip({
  store,
  study,
  onOpen,
}: {
  store: ArchiveStore;
  study: StudyRow | undefined;
  onOpen(studyUid: string): void;
}) {
  const [series, setSeries] = useState<SeriesRow[]>([]);
  const uid = study?.studyUid;
  // Asked again when the study grows while it is being imported.
  const size = study?.instanceCount;
  useEffect(() => {
    let isCurrent = true;
    if (uid === undefined) setSeries([]);
    else
      void store
        .seriesOf(uid)
        .then((rows) => isCurrent && setSeries(rows.sort((a, b) => (a.number ?? 1e9) - (b.number ?? 1e9))));
    return () => {
      isCurrent = false;
    };
  }, [store, uid, size]);
  return (
    <section className="series-strip" aria-label="Series of the selected study">
      {uid === undefined && <p className="quiet">Select a study to see its series.</p>}
      {uid !== undefined &&
        series.map((row) => <SeriesCard key={row.seriesUid} series={row} onOpen={() => onOpen(uid)} />)}
    </section>
  );
}
