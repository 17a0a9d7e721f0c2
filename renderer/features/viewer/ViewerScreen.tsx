// The viewer's screen: tools on top, series rail left, cells, attribute panel right.
import {
  ArrowLeft,
  Contrast,
  FlipHorizontal2,
  FlipVertical2,
  Hand,
  Info,
  Maximize,
  Move,
  Pause,
  Play,
  RotateCcw,
  RotateCw,
  ScanSearch,
  Scroll,
  Tags,
  Type,
  Undo2,
  ZoomIn,
} from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { StackView } from '../../imaging/index.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import type { SeriesRow } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { SeriesCard } from '../browser/index.ts';
import { commandOf, commandOfKey, hintOf, type CommandId, type ViewerContext } from './commands.ts';
import { firstToShow, inReadingOrder } from './reading-order.ts';
import { studyData, type LoadedSeries } from './study-data.ts';
import { TagPanel } from './TagPanel.tsx';
import { useCine } from './use-cine.ts';
import { ViewerCell, type DragTool } from './ViewerCell.tsx';
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

const LAYOUTS = ['1x1', '1x2', '2x1', '2x2', '2x3', '3x3', '3x4', '4x4', '4x5'] as const;

export function ViewerScreen({ studyUid, seriesUid, store, onClose }: ViewerScreenProps) {
  const { studies } = useSyncExternalStore(store.subscribe, store.state);
  const study = studies.find((row) => row.studyUid === studyUid);
  const data = useMemo(() => studyData(studyUid), [studyUid]);
  const [series, setSeries] = useState<SeriesRow[]>([]);
  const [layout, setLayout] = useState<string>('1x1');
  const [assigned, setAssigned] = useState<Record<number, string>>({});
  const [active, setActive] = useState(0);
  const [isMaximised, setMaximised] = useState(false);
  const [tool, setTool] = useState<DragTool>('window');
  const [hasText, setText] = useState(true);
  const [hasTags, setTags] = useState(false);
  const [isPlaying, setPlaying] = useState(false);
  const [views, setViews] = useState<Record<number, CellView | undefined>>({});
  const root = useRef<HTMLElement>(null);

  const size = study?.instanceCount;
  useEffect(() => {
    void store.seriesOf(studyUid).then((rows) => {
      const sorted = inReadingOrder(rows);
      setSeries(sorted);
      setAssigned((before) => {
        const first = sorted.find((row) => row.seriesUid === seriesUid) ?? firstToShow(sorted);
        return Object.keys(before).length || !first ? before : { 0: first.seriesUid };
      });
    });
  }, [store, studyUid, seriesUid, size]);
  useEffect(() => root.current?.focus(), []);

  const [rows = 1, columns = 1] = (isMaximised ? '1x1' : layout).split('x').map(Number);
  const cells = isMaximised ? [active] : Array.from({ length: rows * columns }, (_, index) => index);
  const current = views[active];
  const count = current?.loaded.stack.frames.length ?? 0;
  const rate = useCine(current?.view, count, isPlaying);

  const onView = useCallback((cell: number, view: StackView | undefined, loaded: LoadedSeries | undefined) => {
    setViews((before) => ({ ...before, [cell]: view && loaded ? { view, loaded } : undefined }));
  }, []);
  const assign = useCallback(
    (cell: number, seriesUid: string) => setAssigned((before) => ({ ...before, [cell]: seriesUid })),
    [],
  );
  const activeImage = current?.view.frame?.image;
  const modality = series.find((row) => row.seriesUid === assigned[active])?.modality ?? '';
  const presets = activeImage ? presetsFor(modality, activeImage) : [];

  const context: ViewerContext = {
    view: current?.view,
    count,
    applyPreset: (number) => {
      const preset = presets[number];
      if (!preset || !current) return;
      current.view.remember();
      current.view.setVoi(preset.voi);
    },
    setTool,
    toggleText: () => setText(!hasText),
    toggleTags: () => setTags(!hasTags),
    toggleCine: () => setPlaying(!isPlaying),
    toggleMaximised: () => setMaximised(!isMaximised),
    nextSeries: (by) => {
      const at = series.findIndex((row) => row.seriesUid === assigned[active]);
      const next = series[(at + by + series.length) % series.length];
      if (next) assign(active, next.seriesUid);
    },
    close: onClose,
  };
  const run = (id: CommandId): void => commandOf(id).run(context);
  const tools: { id: CommandId; icon: typeof Move; isPressed?: boolean }[][] = [
    [
      { id: 'tool.window', icon: Contrast, isPressed: tool === 'window' },
      { id: 'tool.scroll', icon: Scroll, isPressed: tool === 'scroll' },
      { id: 'tool.zoom', icon: ZoomIn, isPressed: tool === 'zoom' },
      { id: 'tool.pan', icon: Hand, isPressed: tool === 'pan' },
    ],
    [
      { id: 'fit', icon: Maximize },
      { id: 'actualPixels', icon: ScanSearch },
      { id: 'rotateLeft', icon: RotateCcw },
      { id: 'rotateRight', icon: RotateCw },
      { id: 'flipHorizontal', icon: FlipHorizontal2 },
      { id: 'flipVertical', icon: FlipVertical2 },
    ],
    [
      { id: 'invert', icon: Contrast },
      { id: 'undo', icon: Undo2 },
      { id: 'reset', icon: Move },
    ],
    [
      { id: 'cine', icon: isPlaying ? Pause : Play, isPressed: isPlaying },
      { id: 'text', icon: Type, isPressed: hasText },
      { id: 'tags', icon: Tags, isPressed: hasTags },
    ],
  ];
  const dataset = activeImage && current?.loaded.bySop.get(activeImage.sopInstanceUid);
  return (
    <main
      ref={root}
      className="viewer"
      tabIndex={-1}
      aria-label="Viewer"
      onKeyDown={(event) => {
        const command = commandOfKey(event);
        const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
        // A focused button keeps Enter and Space for itself.
        const isButton = event.target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ');
        if (!command || isTyping || isButton) return;
        event.preventDefault();
        command.run(context);
      }}
    >
      <div className="viewer-tools" role="toolbar" aria-label="Tools">
        <button
          type="button"
          className="plain"
          title={hintOf(commandOf('close'))}
          aria-label="Back to the study browser"
          onClick={onClose}
        >
          <ArrowLeft size={16} aria-hidden="true" /> Studies
        </button>
        {tools.map((group) => (
          <div className="group" key={group[0]?.id}>
            {group.map(({ id, icon: Icon, isPressed }) => (
              <button
                key={id}
                type="button"
                className="plain"
                title={hintOf(commandOf(id))}
                aria-label={commandOf(id).label}
                {...(isPressed !== undefined && { 'aria-pressed': isPressed })}
                onClick={() => run(id)}
              >
                <Icon size={16} aria-hidden="true" />
              </button>
            ))}
          </div>
        ))}
        <div className="group">
          <select
            aria-label="Window preset"
            title="Window presets (keys 1 to 9)"
            value=""
            onChange={(event) => context.applyPreset(Number(event.target.value))}
          >
            <option value="">Windows</option>
            {presets.map((preset, index) => (
              <option key={preset.label} value={index}>
                {index < 9 ? `${index + 1}  ` : ''}
                {preset.label}
              </option>
            ))}
          </select>
          <select
            aria-label="Layout"
            title="Rows x columns"
            value={layout}
            onChange={(event) => setLayout(event.target.value)}
          >
            {LAYOUTS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          {isPlaying && <span className="quiet">{rate === undefined ? 'starting' : `${rate} frames/s`}</span>}
        </div>
        <span className="viewer-patient">
          {study?.isDemo === true && <Info size={14} aria-label="Synthetic demo study" />}{' '}
          {study ? displayPersonName(study.patientName) : ''}{' '}
          <span className="quiet">
            {study?.patientId} {study?.description}
          </span>
        </span>
      </div>
      <nav className="rail" aria-label="Series">
        {series.map((row) => (
          <SeriesCard
            key={row.seriesUid}
            series={row}
            isDraggable
            isShown={cells.some((cell) => assigned[cell] === row.seriesUid)}
            onOpen={() => assign(active, row.seriesUid)}
          />
        ))}
      </nav>
      <div className="grid" style={{ gridTemplate: `repeat(${rows}, 1fr) / repeat(${columns}, 1fr)` }}>
        {cells.map((cell) => (
          <ViewerCell
            key={cell}
            cell={cell}
            series={series.find((row) => row.seriesUid === assigned[cell])}
            data={data}
            store={data.frames}
            tool={tool}
            hasText={hasText}
            isActive={cell === active && cells.length > 1}
            onActivate={() => setActive(cell)}
            onMaximise={() => {
              setActive(cell);
              setMaximised(!isMaximised);
            }}
            onDropSeries={(uid) => assign(cell, uid)}
            onView={onView}
          />
        ))}
      </div>
      {hasTags && <TagPanel dataset={dataset} onClose={() => setTags(false)} />}
    </main>
  );
}
