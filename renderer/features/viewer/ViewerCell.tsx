// One cell: a stack with letters, corner text, marks and scroll bar; or the series' document; or why neither.
import { useCallback, useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { loadStage, StackView, type FrameStore, type KeptView, type StackViewState } from '../../imaging/index.ts';
import type { SeriesRow } from '#shared/contract/views.ts';
import { seriesTitle } from '../browser/index.ts';
import { drawMarks, putText, writeOverlays } from './cell-overlays.ts';
import { EmptyCard, FailureCard, ProblemCard } from './CellCards.tsx';
import { DocumentCard } from './DocumentCard.tsx';
import { fidelityOf } from './fidelity.ts';
import type { DragTool, MouseBindings } from './mouse-bindings.ts';
import { cornersOf, fieldsFor, type OverlayLayout } from './overlay-fields.ts';
import { probeText, unitOf } from './probe-text.ts';
import type { ImageLinks } from './ReportTree.tsx';
import { StudyData, type LoadedSeries } from './study-data.ts';
import { Growth } from './growth.ts';
import { useCellMouse } from './use-cell-mouse.ts';

/** Marks are drawn now and then: each drawing makes the compositor work, which loading needs more. */
const MARKS_EVERY_MS = 400;
/** Somebody who scrolls from the first picture on leaves the page no idle moment. */
const MEASURING_WAITS_MS = 1000;
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
  const [document, setDocument] = useState<LoadedSeries>();
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
    });
    view.current = made;
    growth.current = new Growth({
      series: () => latest.current.series,
      data: () => latest.current.data,
      loaded: () => loaded.current,
      onGrown: (found) => {
        if (isGone) return;
        loaded.current = found;
        made.growStack(found.stack.frames);
        setDocument(found.stack.frames.length ? undefined : found);
        onView(cell, made, found);
      },
    });
    return () => {
      isGone = true;
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
    setDocument(undefined);
    setProblem(undefined);
    // Nothing found: what stood here before is not what the cell is said to show, and may have been removed.
    const show = (found: LoadedSeries | undefined): void => {
      const { kept } = latest.current;
      keep(kept, keptAs.current, view.current);
      keptAs.current = found && `${cell} ${seriesUid}`;
      loaded.current = found;
      const stack = found?.stack ?? { frames: [] };
      view.current?.setStack(stack.frames, StudyData.startIndex(stack), kept.get(keptAs.current ?? ''));
      onView(cell, view.current ?? undefined, found);
    };
    if (seriesUid === undefined) {
      show(undefined);
      return undefined;
    }
    data.series(seriesUid).then(
      (found) => {
        if (!isCurrent) return;
        if (!found.stack.frames.length) setDocument(found);
        show(found);
        growth.current?.follow();
      },
      (error: unknown) => {
        if (!isCurrent) return;
        setFailure(error instanceof Error ? error.message : String(error));
        show(undefined);
      },
    );
    return () => {
      isCurrent = false;
    };
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
  const isPlain = !document && series !== undefined && problem === undefined && failure === undefined;
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
        <div className="corner bl" data-corner="bl" />
        {series && <div className="corner of-series">{seriesTitle(series)}</div>}
        <div className="corner br" data-corner="br" />
        <div className="scale-bar" hidden>
          <span />
        </div>
        <div className="probe" />
      </div>
      <canvas className="scroll-marks" aria-hidden="true" hidden={series === undefined} />
      <div className="scroll-thumb" hidden aria-hidden="true" />
      {series === undefined && (props.empty ?? <EmptyCard />)}
      {failure !== undefined && <FailureCard text={failure} />}
      {problem !== undefined && <ProblemCard text={problem} />}
      {document && series && <DocumentCard isActive={isActive} loaded={document} series={series} links={props.links} />}
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
  return probe && dataset ? probeText(probe, unitOf(dataset, image), dataset) : '';
}

function keep(kept: Map<string, KeptView>, as: string | undefined, view: StackView | null): void {
  const made = view?.kept;
  if (as !== undefined && made) kept.set(as, made);
}

const announce = (type: string, detail: Record<string, unknown>): void => {
  dispatchEvent(new CustomEvent(type, { detail: { ...detail, time: performance.now() } }));
};

type Painted = ViewerCellProps & { loaded: LoadedSeries | undefined };

/** Keeps a cell's marks true while pictures are painted and loaded. */
class CellPainter {
  readonly #root: HTMLElement;
  readonly #props: () => Painted;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: StackViewState | undefined;

  constructor(root: HTMLElement, props: () => Painted) {
    this.#root = root;
    this.#props = props;
  }
  dispose(): void {
    clearTimeout(this.#timer);
  }

  painted(view: StackView, state: StackViewState): void {
    this.#write(state, false);
    this.#later(view);
  }
  waiting(view: StackView, state: StackViewState): void {
    this.#write(state, true);
    this.#later(view);
  }
  loadedMore(view: StackView, loadedCount: number, count: number): void {
    if (this.#state) this.#state = { ...this.#state, loadedCount, count };
    if (loadedCount === count) this.#mark(view);
    else this.#later(view);
  }

  #write(state: StackViewState, isWaiting: boolean): void {
    this.#state = state;
    const { loaded, overlay, keyText } = this.#props();
    const dataset = loaded?.bySop.get(state.image.sopInstanceUid);
    if (!dataset) return;
    const modality = String(dataset['00080060']?.Value?.[0] ?? '');
    writeOverlays(this.#root, state, cornersOf(dataset, state, fieldsFor(modality, overlay)));
    putText(this.#root, '.key-mark', keyText(state.image));
    this.#fidelity(state, isWaiting);
    this.#root.dataset['index'] = String(state.index);
  }
  #fidelity(state: StackViewState, isWaiting: boolean): void {
    const { loaded, series } = this.#props();
    const dataset = loaded?.bySop.get(state.image.sopInstanceUid);
    if (!loaded || !dataset) return;
    const remarks = fidelityOf(dataset, state, loaded.stack.order, series?.repairs ?? [], isWaiting);
    const missing = series?.missingCount ?? 0;
    if (missing > 0) remarks.unshift(`incomplete: ${missing} images are not here yet`);
    const damaged = series?.damagedCount ?? 0;
    if (damaged > 0)
      remarks.unshift(`${damaged} of ${series?.instanceCount} images are damaged: retrieve or import again`);
    putText(this.#root, '.fidelity', remarks.join('  |  '));
  }
  #later(view: StackView): void {
    this.#timer ??= setTimeout(() => this.#mark(view), MARKS_EVERY_MS);
  }
  #mark(view: StackView): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    drawMarks(this.#root, view);
    const { frame } = view;
    if (!frame || !this.#state) return;
    if (view.isLoaded(view.index)) this.#fidelity(this.#state, false);
    this.#props().onShown(this.#props().cell, frame.image.sopInstanceUid);
  }
}
