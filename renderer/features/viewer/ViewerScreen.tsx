// The viewer's screen: tools on top, series rail left, cells, panels right.
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
  type SyntheticEvent,
} from 'react';
import { CommandPalette } from '../../commands/CommandPalette.tsx';
import { KeyHelp } from '../../commands/KeyHelp.tsx';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import type { StudyRow } from '#shared/contract/views.ts';
import { awayWords, type ArchiveStore } from '../archive/index.ts';
import { SeriesCard, seriesTitle } from '../browser/index.ts';
import { ImportNotes } from '../jobs/index.ts';
import { TransferPanel, type Transfer } from '../nodes/index.ts';
import { keepFocusNear } from '../../ui/keep-focus-near.ts';
import { Cine } from './Cine.tsx';
import { ContextMenu } from './ContextMenu.tsx';
import { orderText } from './fidelity.ts';
import { LayoutPicker } from './LayoutPicker.tsx';
import { keyImagesText, MarksNote } from './MarksNote.tsx';
import { MarksPanel } from './MarksPanel.tsx';
import { describeMouse } from './mouse-bindings.ts';
import { readingOf } from './reading.ts';
import { SettingsPanel } from './SettingsPanel.tsx';
import { studyData, type StudyData } from './study-data.ts';
import { TagPanel } from './TagPanel.tsx';
import { DemoMark, Toolbar } from './Toolbar.tsx';
import { ArrivingCard } from './CellCards.tsx';
import { useCells, type Cells } from './use-cells.ts';
import { useKeys } from './use-keys.ts';
import type { Marks } from './use-marks.ts';
import { useTitle } from './use-title.ts';
import { useViewer, type Viewer } from './use-viewer.ts';
import { viewerSettings } from './viewer-settings.ts';
import { COMMANDS, type CommandId } from './viewer-commands.ts';
import { ViewerCell } from './ViewerCell.tsx';

interface ViewerScreenProps {
  studyUid: string;
  /** Series to start with; none: the first in reading order. */
  seriesUid?: string;
  store: ArchiveStore;
  onClose(): void;
}

export function ViewerScreen({ studyUid, seriesUid, store, onClose }: ViewerScreenProps) {
  const { jobs, isLoaded, isLineUp, isOtherStart } = useSyncExternalStore(store.subscribe, store.state);
  const study = rowOf(store, studyUid);
  const isHere = study !== undefined;
  useTitle(study);
  const exchanges = useExchanges(study);
  // The row as it is when the screen opens, when a study that was removed meanwhile comes back, and when instances of it
  // changed places with others: what arrives adds to it.
  const data = useMemo(
    () => studyData(studyUid, isHere ? rowOf(store, studyUid) : undefined),
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [store, studyUid, isHere, exchanges],
  );
  // The backend is back, or what was damaged came again: what could not be had meanwhile is asked for again.
  const damagedCount = study?.damagedCount ?? 0;
  const damagedBefore = useRef(damagedCount);
  useEffect(() => {
    if (isLineUp) data.frames.retry();
  }, [isLineUp, data]);
  useEffect(() => {
    if (damagedCount < damagedBefore.current) data.frames.retry();
    damagedBefore.current = damagedCount;
  }, [damagedCount, data]);
  const root = useRef<HTMLElement>(null);
  const focusImages = useCallback((): void => root.current?.focus(), []);
  const cells = useCells(
    store,
    studyUid,
    study && `${study.instanceCount} ${study.missingCount} ${study.damagedCount} ${isLineUp}`,
    seriesUid,
  );
  const viewer = useViewer(cells, data, store, focusImages, onClose);
  const [shown, setShown] = useState<Readonly<Record<number, string>>>({});
  const [menu, setMenu] = useState<readonly [number, number]>();
  const [isSending, setSending] = useState(false);
  useEffect(focusImages, [focusImages]);
  const rail = useRef<HTMLElement>(null);
  const activeUid = cells.seriesOf(cells.active)?.seriesUid;
  useEffect(() => {
    rail.current?.querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' });
  }, [activeUid]);
  useKeys(viewer.context, viewer.chosen.keys, viewer.clearNotice);
  const onShown = useCallback((cell: number, uid: string) => {
    setShown((before) => (before[cell] === uid ? before : { ...before, [cell]: uid }));
  }, []);
  const { flags, context, chosen } = viewer;
  // What is used with the mouse leaves Space, Enter and arrows to the images; who walks by key stays there.
  const giveBack = ({ target, nativeEvent, type }: SyntheticEvent): void => {
    const isByKey = type === 'click' && nativeEvent instanceof MouseEvent && nativeEvent.detail === 0;
    const what = USED_BY[type];
    if (!isByKey && what !== undefined && target instanceof Element && target.closest(what)) focusImages();
  };
  const retrieval = jobs.find((job) => job.kind === 'retrieve' && job.studyUid === studyUid);
  // What is not part of the study yet is saved first; where that fails it is said, and nothing is sent.
  const sendKeyImages = (): void => void viewer.marks.save().then(setSending);
  const closeMenu = (): void => {
    setMenu(undefined);
    focusImages();
  };
  return (
    <main
      ref={root}
      className="viewer"
      data-chrome={flags.chrome}
      tabIndex={-1}
      aria-label="Viewer"
      onClick={giveBack}
      onDoubleClick={giveBack}
      onDrop={giveBack}
    >
      <Toolbar
        context={context}
        overrides={chosen.keys}
        pressed={pressedOf(viewer)}
        presets={viewer.presets}
        layout={`${cells.rows}x${cells.columns}`}
      >
        {flags.layout && (
          <LayoutPicker
            rows={cells.rows}
            columns={cells.columns}
            onChoose={context.setLayout}
            onClose={() => viewer.set({ layout: false })}
          />
        )}
      </Toolbar>
      <div ref={keepFocusNear} className="rail">
        <Patient study={study} />
        <nav ref={rail} aria-label="Series">
          {cells.series.map((row) => (
            <SeriesCard
              key={row.seriesUid}
              series={row}
              isDraggable
              isActive={row.seriesUid === activeUid}
              isShown={cells.shown.some((cell) => cells.seriesOf(cell)?.seriesUid === row.seriesUid)}
              onOpen={() => cells.assign(cells.active, row.seriesUid)}
            />
          ))}
          <MarksNote marks={viewer.marks} onOpen={() => context.toggle('lengths')} />
        </nav>
        <ImportNotes store={store} />
      </div>
      <Grid
        cells={cells}
        viewer={viewer}
        data={data}
        empty={isLoaded && !study?.instanceCount ? <ArrivingCard job={retrieval} /> : undefined}
        away={isLineUp ? undefined : awayText(isOtherStart)}
        onMenu={(x, y) => setMenu([x, y])}
        onShown={onShown}
      />
      <Panels viewer={viewer} series={cells.series} shownUid={shown[cells.active]} onSend={sendKeyImages} />
      {isSending && (
        <TransferPanel
          transfer={transferOf(viewer.marks, study)}
          store={store}
          onSettings={() => {
            location.hash = '#/settings';
          }}
          onClose={() => {
            setSending(false);
            focusImages();
          }}
        />
      )}
      {menu && <ContextMenu at={menu} context={context} overrides={chosen.keys} onClose={closeMenu} />}
    </main>
  );
}

/** What takes the focus by the way, by the event that uses it; a series that is dropped comes from the rail. */
const USED_BY: Readonly<Record<string, string>> = {
  click: '.viewer-tools button, .cine-bar button',
  dblclick: '.series-card',
  drop: '.cell',
};

/** The key images, and the documents that hold what was put on images. */
function transferOf({ lengths, keyImages }: Marks, study: StudyRow | undefined): Transfer {
  const { images, selection } = keyImages;
  const documents = [selection, lengths.report].flatMap((document) => document?.sopInstanceUid ?? []);
  const what = keyImagesText(images.length);
  return {
    kind: 'send',
    uids: [...new Set(images.map(({ sopInstanceUid }) => sopInstanceUid)), ...documents],
    title: `${displayPersonName(study?.patientName ?? '') || 'No name'}, ${what}`,
    what: documents.length > 1 ? `${what} and the measurements` : what,
    missingCount: 0,
  };
}

const rowOf = (store: ArchiveStore, studyUid: string): StudyRow | undefined =>
  store.state().studies.find((row) => row.studyUid === studyUid);

/** How often instances of the study gave way to others of the same UID: received anew, and not one more than before. */
function useExchanges(study: StudyRow | undefined): number {
  const seen = useRef({ study, count: 0 });
  const before = seen.current;
  if (study && study !== before.study) {
    const isExchange =
      before.study?.instanceCount === study.instanceCount && before.study.receivedAt !== study.receivedAt;
    seen.current = { study, count: before.count + (isExchange ? 1 : 0) };
  }
  return seen.current.count;
}

const awayText = (isOtherStart: boolean): string =>
  `${awayWords({ isOtherStart })} What is loaded can be read on${isOtherStart ? '' : '; the rest comes when it is back'}.`;

function pressedOf({ tool, flags, isPlaying }: Viewer): Set<CommandId> {
  const pressed = new Set<CommandId>([`tool.${tool}`, ...(isPlaying ? (['cine'] as const) : [])]);
  for (const id of ['probe', 'text', 'tags', 'lengths', 'settings'] as const) if (flags[id]) pressed.add(id);
  return pressed;
}

/** Whole at every width of the window: a report or document in the cells says nowhere else whose it is. */
function Patient({ study }: { study: StudyRow | undefined }) {
  return (
    <section className="viewer-patient" aria-label="Patient and study">
      <h1>
        {study?.isDemo === true && <DemoMark />} {study && (displayPersonName(study.patientName) || 'No name')}
      </h1>
      <p>{study?.patientId}</p>
      <p className="quiet">{study?.description}</p>
    </section>
  );
}

interface GridProps {
  cells: Cells;
  viewer: Viewer;
  data: StudyData;
  /** Stands in a cell without a series while nothing of the study is here. */
  empty: ReactNode;
  /** Why the backend is not to be had; undefined while it is. */
  away: string | undefined;
  onMenu(x: number, y: number): void;
  onShown(cell: number, sopInstanceUid: string): void;
}

function Grid({ cells, viewer, data, empty, away, onMenu, onShown }: GridProps) {
  const { chosen, flags, tool, context, notice, marks } = viewer;
  const message = notice ?? marks.lengths.failure ?? marks.keyImages.failure ?? away;
  const [kept] = useState(() => readingOf(data.studyUid).views);
  return (
    <div
      className="grid"
      data-single={cells.shown.length === 1}
      onPointerDownCapture={viewer.clearNotice}
      style={{ gridTemplate: `repeat(${cells.rows}, 1fr) / repeat(${cells.columns}, 1fr)` }}
    >
      {cells.shown.map((cell) => (
        <ViewerCell
          key={cell}
          cell={cell}
          series={cells.seriesOf(cell)}
          data={data}
          store={data.frames}
          kept={kept}
          tool={tool}
          mouse={chosen.mouse}
          overlay={chosen.overlay}
          keyText={marks.keyImages.textOf}
          links={{
            nameOf: (uid) => {
              const row = cells.series.find(({ seriesUid }) => seriesUid === uid);
              return row && seriesTitle(row);
            },
            go: (frame) => viewer.goBeside(cell, frame),
          }}
          hasText={flags.text}
          hasProbe={flags.probe}
          isLineUp={away === undefined}
          {...(empty !== undefined && { empty })}
          isActive={cell === cells.active}
          onActivate={() => cells.activate(cell)}
          onMaximise={() => {
            cells.activate(cell);
            cells.setMaximised(!cells.isMaximised);
          }}
          onMenu={onMenu}
          onMeasureEarly={() => {
            if (marks.lengths.failure === undefined)
              viewer.tell('Measuring is not ready yet: draw it again in a moment.');
          }}
          onDropSeries={(uid) => {
            cells.assign(cell, uid);
            cells.activate(cell);
          }}
          onShown={onShown}
          onView={viewer.onView}
        />
      ))}
      {viewer.playing.map(({ cell, view, count }) => (
        <Cine
          key={cell}
          view={view}
          count={count}
          settings={viewer.cine}
          isActive={cell === cells.active}
          onSpeed={context.changeCineSpeed}
          onBounce={() => context.toggle('bounce')}
        />
      ))}
      {message !== undefined && (
        <p className="notice" role="status">
          {message}
        </p>
      )}
    </div>
  );
}

/** Panels at the right and dialogs over everything. */
interface PanelsProps {
  viewer: Viewer;
  series: Cells['series'];
  shownUid: string | undefined;
  onSend(): void;
}

function Panels({ viewer, series, shownUid, onSend }: PanelsProps) {
  const { flags, context, chosen, tab, image, loaded, marks } = viewer;
  return (
    <>
      {flags.tags && (
        <TagPanel
          dataset={
            loaded?.bySop.get(shownUid ?? '') ??
            loaded?.bySop.get(image?.sopInstanceUid ?? '') ??
            loaded?.stack.others[0]
          }
          order={loaded && loaded.stack.frames.length > 1 ? orderText(loaded.stack.order) : undefined}
          onClose={() => context.toggle('tags')}
        />
      )}
      {flags.lengths && (
        <MarksPanel
          marks={marks}
          series={series}
          shownUid={shownUid ?? image?.sopInstanceUid}
          onGo={viewer.goTo}
          onSend={onSend}
          onClose={() => context.toggle('lengths')}
        />
      )}
      {flags.settings && (
        <SettingsPanel
          key={tab}
          settings={viewerSettings}
          modality={viewer.modality}
          openAt={tab}
          onPitch={viewer.showTrueSize}
          onClose={() => context.toggle('settings')}
        />
      )}
      {flags.palette && (
        <CommandPalette
          commands={COMMANDS}
          context={context}
          overrides={chosen.keys}
          onClose={() => viewer.set({ palette: false })}
        />
      )}
      {flags.help && (
        <KeyHelp
          commands={COMMANDS}
          overrides={chosen.keys}
          mouse={describeMouse(chosen.mouse)}
          onClose={() => viewer.set({ help: false })}
        />
      )}
    </>
  );
}
