// One cell: a stack with letters, corner text, marks and scroll bar; or the series' document; or why neither.
import { useCallback, useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { loadStage, StackView, type FrameStore, type KeptView } from '../../imaging/index.ts';
import type { SeriesRow } from '#shared/contract/views.ts';
import { realWorldMappingsOf } from '#shared/dicom/real-world-values.ts';
import { seriesTitle } from '../browser/index.ts';
import { putText } from './cell-overlays.ts';
import { CellPainter } from './cell-painter.ts';
import { EmptyCard, FailureCard, ObjectsButton, OpeningCard, ProblemCard } from './CellCards.tsx';
import { DocumentCard } from './DocumentCard.tsx';
import type { DragTool, MouseBindings } from './mouse-bindings.ts';
import type { OverlayLayout } from './overlay-fields.ts';
import { probeText, unitOf } from './probe-text.ts';
import type { ImageLinks } from './ReportTree.tsx';
import { StudyData, type LoadedSeries } from './study-data.ts';
import { Growth } from './growth.ts';
import { useCellMouse } from './use-cell-mouse.ts';
import { followPixelPitch, pixelPitchHere, viewerSettings } from './viewer-settings.ts';
import { startVoi } from './window-presets.ts';

/** Somebody who scrolls from the first picture on leaves the page no idle moment. */
const MEASURING_WAITS_MS = 1000;
/** A series that is here sooner takes the place of the one before without a word in between. */
const OPENING_MS = 150;
const SERIES_TYPE = 'application/x-lectern-series';

interface ViewerCellProps {
  cell: number;
  series: SeriesRow | undefined;
  data: StudyData;
  store: FrameStore;
  /** By cell and series, what was made of each: a cell may leave the screen and come back. */
  kept: Map<string, KeptView>;
  tool: DragTool;
  mouse: MouseBindings;
  overlay: OverlayLayout;
  /** What stands on a frame that was marked as key image; '' on others. */
  keyText(frame: { sopInstanceUid: string; frameIndex: number }): string;
  /** For what a report in the cell refers to. */
  links: ImageLinks;
  hasText: boolean;
  hasProbe: boolean;
  isLineUp: boolean;
  isActive: boolean;
  /** Stands in the cell while it has no series. */
  empty?: ReactNode;
  onActivate(): void;
  onMaximise(): void;
  onMenu(x: number, y: number): void;
  onMeasureEarly(): void;
  onDropSeries(seriesUid: string): void;
  /** Now and then, the instance shown. */
  onShown(cell: number, sopInstanceUid: string): void;
  /** Hands the view to the commands; undefined when the cell goes. */
  onView(cell: number, view: StackView | undefined, loaded: LoadedSeries | undefined): void;
}

export function ViewerCell(props: ViewerCellProps) {
  const { cell, series, data, store, isActive, onView } = props;
  const element = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const view = useRef<StackView>(null);
  const loaded = useRef<LoadedSeries>(undefined);
  /** Under which `kept` has what is shown. */
  const keptAs = useRef<string>(undefined);
  const [failure, setFailure] = useState<string>();
  /** What the cell shows; undefined while it is being opened. */
  const [shown, setShown] = useState<{ seriesUid: string; found: LoadedSeries }>();
  const [isOpening, setOpening] = useState(false);
  /** The objects without a picture are read, where the series has pictures too. */
  const [isReading, setReading] = useState(false);
  const [problem, setProblem] = useState<string>();
  const latest = useRef(props);
  latest.current = props;
  const painter = useRef<CellPainter>(undefined);
  /** Where the cursor is over the cell, as a point of the page. */
  const cursor = useRef<readonly [number, number]>(undefined);
  const growth = useRef<Growth>(undefined);

  useEffect(() => {
    const root = element.current;
    if (!root) return undefined;
    const paint = (painter.current = new CellPainter(root, () => ({ ...latest.current, loaded: loaded.current })));
    let isGone = false;
    let isMounting = false;
    // After the first picture, and once the page has time: opening does not wait for the library.
    const mount = (): void => {
      if (isMounting) return;
      isMounting = true;
      requestIdleCallback(
        () => {
          loadStage().then(
            (opened) => {
              const target = stage.current;
              if (!isGone && target) made.mountIn((host) => opened.mount(host, target));
            },
            // The picture is drawn all the same; that measuring is not possible is said by the screen (useLengths).
            () => undefined,
          );
        },
        { timeout: MEASURING_WAITS_MS },
      );
    };
    const made = new StackView(root, store, {
      onPainted: (state) => {
        mount();
        // Asked before anything is written, as the texts are; the picture moves below a cursor that rests.
        const value = valueAt(root, made, cursor.current, latest.current.hasProbe ? loaded.current : undefined);
        paint.painted(made, state);
        putText(root, '.probe', value);
        setProblem(state.problem);
        announce('lectern:painted', {
          cell,
          index: state.index,
          sopInstanceUid: state.image.sopInstanceUid,
          problem: state.problem,
        });
      },
      onWaiting: (state) => {
        paint.waiting(made, state);
        putText(root, '.probe', '');
      },
      onLoaded: (count, total) => {
        paint.loadedMore(made, count, total);
        if (count === total) announce('lectern:series-complete', { cell, count: total });
      },
      pixelPitchMm: pixelPitchHere,
      startVoi: ({ sopInstanceUid }) => {
        const dataset = loaded.current?.bySop.get(sopInstanceUid);
        return dataset && startVoi(dataset, viewerSettings.getState().presets);
      },
    });
    view.current = made;
    const unfollow = followPixelPitch(() => made.requestPaint());
    growth.current = new Growth({
      series: () => latest.current.series,
      data: () => latest.current.data,
      loaded: () => loaded.current,
      onGrown: (found) => {
        if (isGone) return;
        loaded.current = found;
        made.growStack(found.stack.frames);
        setShown((before) => before && { ...before, found });
        onView(cell, made, found);
      },
    });
    return () => {
      isGone = true;
      unfollow();
      keep(latest.current.kept, keptAs.current, made);
      paint.dispose();
      made.dispose();
      view.current = null;
      onView(cell, undefined, undefined);
    };
  }, [cell, store, onView]);

  const seriesUid = series?.seriesUid;
  // What failed while the backend was away is opened again once it is back.
  const [tries, setTries] = useState(0);
  const wasLineUp = useRef(props.isLineUp);
  useEffect(() => {
    if (props.isLineUp && !wasLineUp.current && failure !== undefined) setTries((before) => before + 1);
    wasLineUp.current = props.isLineUp;
  }, [props.isLineUp, failure]);
  useEffect(() => {
    let isCurrent = true;
    setFailure(undefined);
    setProblem(undefined);
    setReading(false);
    // Nothing found: what stood here before is not what the cell is said to show, and may have been removed.
    const show = (found: LoadedSeries | undefined): void => {
      const { kept } = latest.current;
      keep(kept, keptAs.current, view.current);
      keptAs.current = found && `${cell} ${seriesUid}`;
      loaded.current = found;
      setShown(found && seriesUid !== undefined ? { seriesUid, found } : undefined);
      const stack = found?.stack ?? { frames: [] };
      view.current?.setStack(stack.frames, StudyData.startIndex(stack), kept.get(keptAs.current ?? ''));
      onView(cell, view.current ?? undefined, found);
    };
    if (seriesUid === undefined) {
      show(undefined);
      return undefined;
    }
    const opening = setTimeout(() => {
      show(undefined);
      setOpening(true);
    }, OPENING_MS);
    const end = (): void => {
      isCurrent = false;
      clearTimeout(opening);
      setOpening(false);
    };
    data.series(seriesUid).then(
      (found) => {
        if (!isCurrent) return;
        end();
        show(found);
        growth.current?.follow();
      },
      (error: unknown) => {
        if (!isCurrent) return;
        end();
        setFailure(error instanceof Error ? error.message : String(error));
        show(undefined);
      },
    );
    return end;
  }, [cell, data, seriesUid, tries, onView]);

  // While it arrives: frames and marks follow what is here.
  useEffect(() => {
    growth.current?.follow();
    view.current?.requestPaint();
  }, [series?.instanceCount, series?.missingCount, series?.damagedCount]);

  // Texts that the settings changed.
  useEffect(() => view.current?.requestPaint(), [props.overlay, props.keyText, props.hasProbe]);

  const hover = useCallback((x: number | undefined, y: number | undefined): void => {
    cursor.current = x === undefined || y === undefined ? undefined : [x, y];
    const root = element.current;
    if (!root || !view.current) return;
    const { hasProbe } = latest.current;
    putText(root, '.probe', valueAt(root, view.current, cursor.current, hasProbe ? loaded.current : undefined));
  }, []);
  const drag = useCellMouse(element, view, {
    tool: props.tool,
    mouse: props.mouse,
    onMenu: props.onMenu,
    onMeasureEarly: props.onMeasureEarly,
    onHover: hover,
  });
  const drop = (event: DragEvent): void => {
    const uid = event.dataTransfer.getData(SERIES_TYPE);
    if (!uid) return;
    event.preventDefault();
    delete element.current?.dataset['dropping'];
    props.onDropSeries(uid);
  };
  const { frames = [], others = [] } = shown?.found.stack ?? {};
  const isDocument = shown !== undefined && (frames.length === 0 || isReading);
  const isPlain = !isDocument && !isOpening && series !== undefined && problem === undefined && failure === undefined;
  return (
    <div
      ref={element}
      className="cell"
      role="group"
      aria-label={series ? `Cell ${cell + 1}: ${series.modality} ${series.description}` : `Cell ${cell + 1}: empty`}
      data-active={isActive}
      data-cell={cell}
      data-text={props.hasText}
      tabIndex={-1}
      onPointerDown={(event) => {
        props.onActivate();
        drag(event);
      }}
      onDoubleClick={(event) => {
        if (!(event.target instanceof Element) || !event.target.closest('.cell-card, .pdf')) props.onMaximise();
      }}
      onContextMenu={(event) => event.preventDefault()}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(SERIES_TYPE)) return;
        event.preventDefault();
        if (element.current) element.current.dataset['dropping'] = '';
      }}
      onDragLeave={() => delete element.current?.dataset['dropping']}
      onDrop={drop}
    >
      <div ref={stage} className="stage" aria-hidden="true" />
      <div className="overlay-text" hidden={!isPlain}>
        {(['left', 'right', 'top', 'bottom'] as const).map((edge) => (
          <span key={edge} className={`letter ${edge}`} data-edge={edge} />
        ))}
        <div className="top-texts">
          <div className="corner tl" data-corner="tl" />
          <div className="corner tr" data-corner="tr" />
          <div className="key-mark" />
          <div className="fidelity" role="status" />
        </div>
        <div className="bottom-texts">
          <div className="bottom-left">
            <div className="corner bl" data-corner="bl" />
            {series && series.seriesUid === shown?.seriesUid && (
              <div className="corner of-series">{seriesTitle(series)}</div>
            )}
          </div>
          <div className="corner br" data-corner="br" />
        </div>
        <div className="scale-bar" hidden>
          <span />
        </div>
        <div className="probe" />
      </div>
      <canvas className="scroll-marks" aria-hidden="true" hidden={series === undefined} />
      <div className="scroll-thumb" hidden aria-hidden="true" />
      {series === undefined && (props.empty ?? <EmptyCard />)}
      {isOpening && series && <OpeningCard text={seriesTitle(series)} />}
      {failure !== undefined && <FailureCard text={failure} />}
      {problem !== undefined && <ProblemCard text={problem} />}
      {isDocument && series && (
        <DocumentCard isActive={isActive} loaded={shown.found} series={series} links={props.links} />
      )}
      {frames.length > 0 && others.length > 0 && (
        <ObjectsButton count={others.length} isReading={isReading} onToggle={() => setReading((before) => !before)} />
      )}
    </div>
  );
}

/** What lies below the cursor, in words; nothing without a cursor, outside the image, or before it is loaded. */
function valueAt(
  root: HTMLElement,
  view: StackView,
  cursor: readonly [number, number] | undefined,
  loaded: LoadedSeries | undefined,
): string {
  if (!cursor || !loaded) return '';
  const { left, top } = root.getBoundingClientRect();
  const probe = view.probe((cursor[0] - left) * devicePixelRatio, (cursor[1] - top) * devicePixelRatio);
  const image = view.frame?.image;
  const dataset = image && loaded.bySop.get(image.sopInstanceUid);
  if (!probe || !dataset) return '';
  return probeText(probe, unitOf(dataset, image), dataset, realWorldMappingsOf(dataset, image.frameIndex));
}

function keep(kept: Map<string, KeptView>, as: string | undefined, view: StackView | null): void {
  const made = view?.kept;
  if (as !== undefined && made) kept.set(as, made);
}

const announce = (type: string, detail: Record<string, unknown>): void => {
  dispatchEvent(new CustomEvent(type, { detail: { ...detail, time: performance.now() } }));
};
