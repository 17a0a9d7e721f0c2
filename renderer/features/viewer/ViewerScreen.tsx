// The viewer's screen: tools on top, series rail left, cells, panels right.
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { StackView } from '../../imaging/index.ts';
import { commandOfChord } from '../../commands/bindings.ts';
import { chordOf } from '../../commands/chords.ts';
import { CommandPalette } from '../../commands/CommandPalette.tsx';
import { KeyHelp } from '../../commands/KeyHelp.tsx';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import { windowOfRange } from '#shared/pixels/value-range.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { SeriesCard } from '../browser/index.ts';
import { changedSpeed } from './cine.logic.ts';
import { CineBar } from './CineBar.tsx';
import { ContextMenu } from './ContextMenu.tsx';
import { LayoutPicker } from './LayoutPicker.tsx';
import { describeMouse, type DragTool } from './mouse-bindings.ts';
import { SettingsPanel, type SettingsTab } from './SettingsPanel.tsx';
import { studyData, type LoadedSeries } from './study-data.ts';
import { TagPanel } from './TagPanel.tsx';
import { DemoMark, Toolbar } from './Toolbar.tsx';
import { useCells } from './use-cells.ts';
import { useCine, type CineSettings } from './use-cine.ts';
import { useLengths } from './use-lengths.ts';
import { COMMANDS, type CommandId, type Toggle, type ViewerContext } from './viewer-commands.ts';
import { createViewerSettings, monitorKey } from './viewer-settings.ts';
import { ViewerCell } from './ViewerCell.tsx';
import { presetsFor } from './window-presets.ts';

interface ViewerScreenProps {
  studyUid: string;
  /** Series to start with; none: the first in reading order. */
  seriesUid?: string;
  store: ArchiveStore;
  onClose(): void;
}

interface CellView {
  view: StackView;
  loaded: LoadedSeries;
}
type Flags = Readonly<Record<Toggle, boolean>>;

const START: Flags = {
  text: true,
  tags: false,
  chrome: true,
  cine: false,
  bounce: false,
  maximised: false,
  probe: true,
  palette: false,
  help: false,
  settings: false,
  layout: false,
};
/** Panels at the right: one at a time. */
const PANELS = ['tags', 'settings'] as const;
/** Part of the pixels left out at each end by the automatic window. */
const AUTO_TRIM = 0.01;
const settings = createViewerSettings();

export function ViewerScreen({ studyUid, seriesUid, store, onClose }: ViewerScreenProps) {
  const { studies } = useSyncExternalStore(store.subscribe, store.state);
  const chosen = useSyncExternalStore(settings.subscribe, settings.getState);
  const study = studies.find((row) => row.studyUid === studyUid);
  const data = useMemo(() => studyData(studyUid), [studyUid]);
  const cells = useCells(store, studyUid, study?.instanceCount, seriesUid);
  const [tool, setTool] = useState<DragTool>('window');
  const [flags, setFlags] = useState(START);
  const [cine, setCine] = useState<CineSettings>({ speed: 1, mode: 'loop' });
  const [tab, setTab] = useState<SettingsTab>('keys');
  const [menu, setMenu] = useState<readonly [number, number]>();
  const [notice, setNotice] = useState<string>();
  const [views, setViews] = useState<Readonly<Record<number, CellView | undefined>>>({});
  const [shown, setShown] = useState<Readonly<Record<number, string>>>({});
  const root = useRef<HTMLElement>(null);
  const lengths = useLengths(tool === 'length');

  const current = views[cells.active];
  const { view, loaded } = current ?? {};
  const count = loaded?.stack.frames.length ?? 0;
  const rate = useCine(view, count, flags.cine, cine);
  const image = view?.frame?.image;
  const modality = cells.seriesOf(cells.active)?.modality ?? '';
  const presets = image ? presetsFor(modality, image) : [];
  const dataset = loaded?.bySop.get(shown[cells.active] ?? image?.sopInstanceUid ?? '');

  const onView = useCallback((cell: number, made: StackView | undefined, found: LoadedSeries | undefined) => {
    setViews((before) => ({ ...before, [cell]: made && found ? { view: made, loaded: found } : undefined }));
  }, []);
  const onShown = useCallback((cell: number, uid: string) => {
    setShown((before) => (before[cell] === uid ? before : { ...before, [cell]: uid }));
  }, []);
  const focusImages = (): void => root.current?.focus();
  useEffect(focusImages, []);
  const set = (part: Partial<Flags>): void => setFlags((before) => ({ ...before, ...part }));
  const toggle = (what: Toggle): void => {
    if (what === 'maximised') return cells.setMaximised(!cells.isMaximised);
    if (what === 'bounce') return setCine({ ...cine, mode: cine.mode === 'loop' ? 'bounce' : 'loop' });
    const closed = PANELS.some((panel) => panel === what) ? { tags: false, settings: false } : {};
    set({ ...closed, [what]: !flags[what] });
    if (flags[what]) focusImages();
  };
  const showTrueSize = (pitchMm: number | undefined): void => {
    if (!view || !image) return;
    if (!image.spacingMm) return setNotice('This image is not calibrated: it has no true size.');
    if (pitchMm === undefined) {
      setTab('monitor');
      return set({ settings: true, tags: false });
    }
    view.trueSize(pitchMm);
    if (image.spacingBasis !== 'patient')
      setNotice('The spacing is not that of the patient: the picture is life size at the detector or film only.');
  };

  const context: ViewerContext = {
    view: count > 0 ? view : undefined,
    count,
    presetCount: presets.length,
    lengthCount: lengths.count,
    applyPreset: (number) => {
      const preset = presets[number];
      if (!preset || !view) return;
      view.remember();
      view.setVoi(preset.voi);
    },
    applyRange: (kind) => {
      const frame = view?.frame;
      const decoded = frame && view.decodedOf(frame.key);
      if (!view || !decoded) return;
      view.remember();
      view.setVoi(windowOfRange(decoded, frame.image, kind === 'auto' ? AUTO_TRIM : 0));
    },
    setTool,
    toggle,
    setLayout: (rows, columns) => {
      cells.setLayout(rows, columns);
      set({ layout: false });
      focusImages();
    },
    fillCells: cells.fill,
    moveCell: cells.move,
    nextSeries: cells.nextSeries,
    trueSize: () => showTrueSize(chosen.pixelPitchMm[monitorKey()]),
    changeCineSpeed: (by) => setCine({ ...cine, speed: changedSpeed(cine.speed, by) }),
    deleteLengths: () => {
      if (!view?.mount?.deleteSelected()) setNotice('Click a length first, then delete it.');
    },
    escape: () => {
      if (notice !== undefined) return setNotice(undefined);
      if (flags.cine) return set({ cine: false });
      if (!flags.chrome) return set({ chrome: true });
      if (flags.tags || flags.settings) return set({ tags: false, settings: false });
      if (cells.isMaximised) return cells.setMaximised(false);
      onClose();
    },
    close: onClose,
  };
  useKeys(context, chosen.keys, () => setNotice(undefined));

  const pressed = new Set<CommandId>([`tool.${tool}`]);
  for (const id of ['cine', 'probe', 'text', 'tags', 'settings'] as const) if (flags[id]) pressed.add(id);
  return (
    <main ref={root} className="viewer" data-chrome={flags.chrome} tabIndex={-1} aria-label="Viewer">
      <Toolbar
        context={context}
        overrides={chosen.keys}
        pressed={pressed}
        presets={presets}
        layout={`${cells.rows}x${cells.columns}`}
        patient={
          <>
            {lengths.count > 0 && (
              <span className="warning" title="Measurements cannot be stored yet: they are lost when this page is left">
                {lengths.count} {lengths.count === 1 ? 'length' : 'lengths'}, not stored
              </span>
            )}{' '}
            {study?.isDemo === true && <DemoMark />} {study ? displayPersonName(study.patientName) : ''}{' '}
            <span className="quiet">
              {study?.patientId} {study?.description}
            </span>
          </>
        }
      >
        {flags.layout && (
          <LayoutPicker
            rows={cells.rows}
            columns={cells.columns}
            onChoose={context.setLayout}
            onClose={() => set({ layout: false })}
          />
        )}
      </Toolbar>
      <nav className="rail" aria-label="Series">
        {cells.series.map((row) => (
          <SeriesCard
            key={row.seriesUid}
            series={row}
            isDraggable
            isShown={cells.shown.some((cell) => cells.seriesOf(cell)?.seriesUid === row.seriesUid)}
            onOpen={() => cells.assign(cells.active, row.seriesUid)}
          />
        ))}
      </nav>
      <div
        className="grid"
        data-single={cells.shown.length === 1}
        style={{ gridTemplate: `repeat(${cells.rows}, 1fr) / repeat(${cells.columns}, 1fr)` }}
      >
        {cells.shown.map((cell) => (
          <ViewerCell
            key={cell}
            cell={cell}
            series={cells.seriesOf(cell)}
            data={data}
            store={data.frames}
            tool={tool}
            mouse={chosen.mouse}
            overlay={chosen.overlay}
            hasText={flags.text}
            hasProbe={flags.probe}
            isActive={cell === cells.active}
            onActivate={() => cells.activate(cell)}
            onMaximise={() => {
              cells.activate(cell);
              cells.setMaximised(!cells.isMaximised);
            }}
            onMenu={(x, y) => setMenu([x, y])}
            onDropSeries={(uid) => {
              cells.assign(cell, uid);
              cells.activate(cell);
            }}
            onShown={onShown}
            onView={onView}
          />
        ))}
        {flags.cine && count > 1 && (
          <CineBar
            settings={cine}
            times={image?.frameTimesMs}
            rate={rate}
            onSpeed={context.changeCineSpeed}
            onBounce={() => toggle('bounce')}
          />
        )}
        {(notice ?? lengths.failure) !== undefined && (
          <p className="notice" role="status">
            {notice ?? `Measuring is not possible: ${lengths.failure}`}
          </p>
        )}
      </div>
      {flags.tags && <TagPanel dataset={dataset} onClose={() => toggle('tags')} />}
      {flags.settings && (
        <SettingsPanel
          key={tab}
          settings={settings}
          modality={modality}
          openAt={tab}
          onPitch={() => showTrueSize(settings.getState().pixelPitchMm[monitorKey()])}
          onClose={() => toggle('settings')}
        />
      )}
      {menu && (
        <ContextMenu
          at={menu}
          context={context}
          overrides={chosen.keys}
          onClose={() => {
            setMenu(undefined);
            focusImages();
          }}
        />
      )}
      {flags.palette && (
        <CommandPalette
          commands={COMMANDS}
          context={context}
          overrides={chosen.keys}
          onClose={() => set({ palette: false })}
        />
      )}
      {flags.help && (
        <KeyHelp
          commands={COMMANDS}
          overrides={chosen.keys}
          mouse={describeMouse(chosen.mouse)}
          onClose={() => set({ help: false })}
        />
      )}
    </main>
  );
}

/** Runs commands by key wherever the focus is, except where text is typed or a button takes Enter and Space itself. */
function useKeys(
  context: ViewerContext,
  overrides: Readonly<Record<string, readonly string[]>>,
  before: () => void,
): void {
  const latest = useRef({ context, overrides, before });
  latest.current = { context, overrides, before };
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.defaultPrevented || (target instanceof Element && target.closest('dialog'))) return;
      const isField = target instanceof Element && target.closest('input, select') !== null;
      if (isField && event.key !== 'Escape') return;
      if (target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ')) return;
      const chord = chordOf(event);
      const command = chord === undefined ? undefined : commandOfChord(COMMANDS, latest.current.overrides, chord);
      if (!command) return;
      event.preventDefault();
      if (command.enabled?.(latest.current.context) === false) return;
      if (command.id !== 'escape') latest.current.before();
      command.run(latest.current.context);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
