// The series of the study in focus: arrows go along, Enter or a double click opens the viewer on one; what is to be said
// about the one in focus stands below in full.
import { useEffect, useRef, useState, useSyncExternalStore, type KeyboardEvent, type MouseEvent } from 'react';
import { Menu } from '../../ui/Menu.tsx';
import type { SeriesRow, StudyRow } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { SeriesCard } from './SeriesCard.tsx';
import { seriesNotes, seriesTitle } from './series-words.ts';

interface SeriesStripProps {
  store: ArchiveStore;
  study: StudyRow | undefined;
  onOpen(studyUid: string, seriesUid?: string): void;
  onSend(series: SeriesRow): void;
}

interface Shown {
  studyUid: string;
  series: readonly SeriesRow[];
}

export function SeriesStrip({ store, study, onOpen, onSend }: SeriesStripProps) {
  const [menu, setMenu] = useState<{ series: SeriesRow; at: { x: number; y: number } }>();
  const [shown, setShown] = useState<Shown>();
  const [focused, setFocused] = useState<string>();
  const list = useRef<HTMLDivElement>(null);
  const uid = study?.studyUid;
  const isLineUp = useSyncExternalStore(store.subscribe, () => store.state().isLineUp);
  // Asked again when the study changes while it is being imported, and when the backend is back, for previews that failed.
  const state =
    study &&
    `${study.instanceCount} ${study.repairedCount} ${study.conflictCount} ${study.missingCount} ${study.damagedCount} ${isLineUp}`;
  useEffect(() => {
    if (uid === undefined) return undefined;
    let isCurrent = true;
    void store.seriesOf(uid).then((rows) => {
      const series = rows.sort((a, b) => (a.number ?? 1e9) - (b.number ?? 1e9));
      if (isCurrent) setShown({ studyUid: uid, series });
    });
    return () => {
      isCurrent = false;
    };
  }, [store, uid, state]);
  const series = shown?.studyUid === uid ? shown?.series : undefined;
  const noted = series?.find((row) => row.seriesUid === focused) ?? series?.find((row) => seriesNotes(row).length);
  const notes = noted ? seriesNotes(noted) : [];
  const onKey = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    const cards = [...(list.current?.querySelectorAll<HTMLElement>('.series-card') ?? [])];
    cards[cards.findIndex((card) => card === document.activeElement) + by]?.focus();
    event.preventDefault();
  };
  /** The menu of the card under the pointer, or by key of the one with the focus. */
  const onMenu = (event: MouseEvent): void => {
    const card = (event.target as HTMLElement).closest<HTMLElement>('.series-card');
    const row = series?.find(({ seriesUid }) => seriesUid === card?.dataset['series']);
    if (!row) return;
    event.preventDefault();
    const box = card?.getBoundingClientRect();
    // A menu asked for by key comes without a place.
    const at = event.clientX > 0 ? { x: event.clientX, y: event.clientY } : { x: box?.left ?? 0, y: box?.top ?? 0 };
    setMenu({ series: row, at });
  };
  if (uid === undefined)
    return (
      <section className="series-strip is-empty" aria-label="Series of the selected study">
        <p className="quiet">
          The series of a study stand here once you select it: click it, or press Down in the search.
          <br />
          Enter or a double click opens it.
        </p>
      </section>
    );
  return (
    <section className="series-strip" aria-label="Series of the selected study">
      <div
        className="cards"
        role="toolbar"
        tabIndex={-1}
        aria-label="Series"
        ref={list}
        onKeyDown={onKey}
        onContextMenu={onMenu}
      >
        {series?.length === 0 && <p className="quiet">This study has no series yet.</p>}
        {series?.map((row) => (
          <SeriesCard
            key={row.seriesUid}
            series={row}
            onFocus={() => setFocused(row.seriesUid)}
            onOpen={() => onOpen(uid, row.seriesUid)}
          />
        ))}
      </div>
      {noted && notes.length > 0 && (
        <p className="series-notes small" title={notes.join('\n')}>
          <span className="warning">{seriesTitle(noted)}:</span> {notes.join(' ')}
        </p>
      )}
      {menu && (
        <Menu
          label={seriesTitle(menu.series)}
          at={menu.at}
          onClose={() => setMenu(undefined)}
          items={[
            { id: 'open', label: 'Open', keys: 'Enter', run: () => onOpen(uid, menu.series.seriesUid) },
            { id: 'send', label: 'Send to a node', run: () => onSend(menu.series) },
          ]}
        />
      )}
    </section>
  );
}
