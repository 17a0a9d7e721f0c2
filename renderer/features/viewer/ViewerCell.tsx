// One cell: a stack on its canvas with letters, corner text, marks, scroll bar; or the series' document; or why neither.
import { useCallback, useEffect, useRef, useState, type DragEvent, type PointerEvent } from 'react';
import { loadStage, StackView, type FrameStore, type StackViewState } from '../../imaging/index.ts';
import { barLengthMm } from '../../imaging/scale-bar.ts';
import { pixelsPerMm } from '../../imaging/index.ts';
import type { SeriesRow } from '#shared/contract/views.ts';
import { DocumentCard } from './DocumentCard.tsx';
import { cornersOf, fidelityOf } from './overlay-text.ts';
import { StudyData, type LoadedSeries } from './study-data.ts';

const MARKS_EVERY_MS = 400;

export type DragTool = 'window' | 'scroll' | 'zoom' | 'pan';

interface ViewerCellProps {
  cell: number;
  series: SeriesRow | undefined;
  data: StudyData;
  store: FrameStore;
  tool: DragTool;
  hasText: boolean;
  isActive: boolean;
  onActivate(): void;
  onMaximise(): void;
  onDropSeries(seriesUid: string): void;
  /** Hands the view to the commands; undefined when the cell goes. */
  onView(cell: number, view: StackView | undefined, loaded: LoadedSeries | undefined): void;
}

export function ViewerCell(props: ViewerCellProps) {
  const { cell, series, data, store, isActive, onView } = props;
  const element = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const view = useRef<StackView>(null);
  const loaded = useRef<LoadedSeries>(undefined);
  const pending = useRef({ count: 0, total: 0 });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const show = useRef<() => void>(undefined);
  const [failure, setFailure] = useState<string>();
  const [document, setDocument] = useState<LoadedSeries>();
  const [problem, setProblem] = useState<string>();
  const repairs = series?.repairs;
  const seriesUid = series?.seriesUid;

  const paint = useCallback(
    (state: StackViewState) => {
      const root = element.current;
      const dataset = loaded.current?.bySop.get(state.image.sopInstanceUid);
      if (root && dataset)
        writeOverlays(root, state, cornersOf(dataset, state), fidelityOf(dataset, state, repairs ?? []));
      if (root) placeThumb(root, state.index, state.count);
      pending.current = { count: state.loadedCount, total: state.count };
      timer.current ??= setTimeout(() => show.current?.(), MARKS_EVERY_MS);
      setProblem(state.problem);
      if (root) root.dataset['index'] = String(state.index);
      dispatchEvent(
        new CustomEvent('lectern:painted', {
          detail: {
            cell,
            index: state.index,
            sopInstanceUid: state.image.sopInstanceUid,
            problem: state.problem,
            time: performance.now(),
          },
        }),
      );
    },
    [cell, repairs],
  );

  useEffect(() => {
    if (!canvas.current) return undefined;
    const made = new StackView(canvas.current, store, {
      onPainted: paint,
      onLoaded: (count, total) => {
        pending.current = { count, total };
        // Marks are drawn now and then: each drawing makes the compositor work, which loading needs more.
        if (count === total) showLoaded();
        else timer.current ??= setTimeout(showLoaded, MARKS_EVERY_MS);
        if (count === total)
          dispatchEvent(
            new CustomEvent('lectern:series-complete', { detail: { cell, count: total, time: performance.now() } }),
          );
      },
    });
    const showLoaded = (): void => {
      clearTimeout(timer.current);
      timer.current = undefined;
      const frame = made.frame;
      const dataset = frame && loaded.current?.bySop.get(frame.image.sopInstanceUid);
      const { count, total } = pending.current;
      const mark = element.current?.querySelector('.fidelity');
      if (mark && frame && dataset)
        mark.textContent = fidelityOf(dataset, { image: frame.image, loadedCount: count, count: total }, repairs ?? []);
      drawMarks(element.current?.querySelector<HTMLCanvasElement>('.scroll-marks') ?? null, made, total);
    };
    show.current = showLoaded;
    view.current = made;
    let isGone = false;
    void loadStage().then((opened) => {
      const element = stage.current;
      if (!isGone && element) made.mountIn((host) => opened.mount(host, element));
    });
    return () => {
      isGone = true;
      made.dispose();
      view.current = null;
      onView(cell, undefined, undefined);
    };
  }, [cell, store, paint, onView, repairs]);

  useEffect(() => {
    let isCurrent = true;
    setFailure(undefined);
    setDocument(undefined);
    setProblem(undefined);
    if (seriesUid === undefined) return undefined;
    data.series(seriesUid).then(
      (found) => {
        if (!isCurrent) return;
        loaded.current = found;
        if (!found.stack.frames.length) return setDocument(found);
        view.current?.setStack(found.stack.frames, StudyData.startIndex(found.stack));
        onView(cell, view.current ?? undefined, found);
      },
      (error: unknown) => isCurrent && setFailure(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [cell, data, seriesUid, onView, paint]);

  useWheel(element, view);
  const drag = useDrag(view, props.tool, element);
  const drop = (event: DragEvent): void => {
    const uid = event.dataTransfer.getData('application/x-lectern-series');
    if (!uid) return;
    event.preventDefault();
    props.onDropSeries(uid);
  };
  return (
    <div
      ref={element}
      className="cell"
      role="group"
      aria-label={series ? `Cell ${cell + 1}: ${series.modality} ${series.description}` : `Cell ${cell + 1}: empty`}
      data-active={isActive}
      data-cell={cell}
      tabIndex={-1}
      onPointerDown={(event) => {
        props.onActivate();
        drag(event);
      }}
      onDoubleClick={props.onMaximise}
      onContextMenu={(event) => event.preventDefault()}
      onDragOver={(event) =>
        event.dataTransfer.types.includes('application/x-lectern-series') && event.preventDefault()
      }
      onDrop={drop}
    >
      <canvas ref={canvas} hidden={document !== undefined} />
      <div ref={stage} className="stage" hidden={document !== undefined} />
      <div className="overlay-text" hidden={document !== undefined || series === undefined || problem !== undefined}>
        {(['left', 'right', 'top', 'bottom'] as const).map((edge) => (
          <span key={edge} className={`letter ${edge}`} data-edge={edge} />
        ))}
        <div hidden={!props.hasText}>
          {(['tl', 'tr', 'bl', 'br'] as const).map((corner) => (
            <div key={corner} className={`corner ${corner}`} data-corner={corner} />
          ))}
        </div>
        <div className="scale-bar">
          <span />
        </div>
        <div className="corner probe" style={{ left: 0, bottom: '45%' }} />
      </div>
      <div className="fidelity" role="status" />
      <canvas className="scroll-marks" aria-hidden="true" />
      <div className="scroll-thumb" hidden aria-hidden="true" />
      {series === undefined && <div className="cell-card quiet">Drag a series here</div>}
      {failure !== undefined && (
        <div className="cell-card">
          <div className="card" role="alert">
            <h2>This series could not be opened</h2>
            <p>{failure}</p>
          </div>
        </div>
      )}
      {problem !== undefined && (
        <div className="cell-card">
          <div className="card" role="alert">
            <h2>This image cannot be shown</h2>
            <p>{problem}</p>
            <p className="quiet">The stored file is untouched; other images of the series are not affected.</p>
          </div>
        </div>
      )}
      {document && series && <DocumentCard loaded={document} series={series} />}
    </div>
  );
}

function writeOverlays(
  root: HTMLElement,
  state: StackViewState,
  corners: Record<'tl' | 'tr' | 'bl' | 'br', string>,
  fidelity: string,
): void {
  const put = (selector: string, text: string): void => {
    const target = root.querySelector(selector);
    if (target && target.textContent !== text) target.textContent = text;
  };
  for (const corner of ['tl', 'tr', 'bl', 'br'] as const) put(`[data-corner=${corner}]`, corners[corner]);
  for (const edge of ['left', 'right', 'top', 'bottom'] as const)
    put(`[data-edge=${edge}]`, state.letters?.[edge] ?? '');
  put('.fidelity', fidelity);
  const bar = root.querySelector<HTMLElement>('.scale-bar');
  const perMm = pixelsPerMm(state.image, state.view.scale / devicePixelRatio);
  if (!bar) return;
  bar.hidden = perMm === undefined;
  if (perMm === undefined) return;
  const length = barLengthMm(perMm, root.clientHeight);
  bar.style.height = `${length * perMm}px`;
  put('.scale-bar span', length >= 10 ? `${length / 10} cm` : `${length} mm`);
}

/** Loaded parts light, seen parts in the accent. */
function drawMarks(canvas: HTMLCanvasElement | null, view: StackView | null, count: number): void {
  if (!canvas) return;
  canvas.hidden = count < 2;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context || !view) return;
  context.clearRect(0, 0, width, height);
  const step = height / count;
  for (let at = 0; at < count; at++) {
    context.fillStyle = view.seen.has(at) ? '#4d7ba3' : view.isLoaded(at) ? '#5a5a5a' : '#222';
    context.fillRect(4, at * step, 4, Math.max(1, step - (step > 3 ? 1 : 0)));
  }
}

/** The present slice on the scroll bar: an element that only moves. */
function placeThumb(root: HTMLElement, index: number, count: number): void {
  const thumb = root.querySelector<HTMLElement>('.scroll-thumb');
  if (!thumb) return;
  thumb.hidden = count < 2;
  thumb.style.transform = `translateY(${Math.round((index * root.clientHeight) / count)}px)`;
}

/** The wheel scrolls the stack; with Ctrl it zooms. The listener is passive, since Chromium gives a listener that may cancel
 * only half as many wheel events; only while Ctrl is held is there one that keeps the page from zooming. */
function useWheel(element: React.RefObject<HTMLDivElement | null>, view: React.RefObject<StackView | null>): void {
  useEffect(() => {
    const target = element.current;
    if (!target) return undefined;
    const wheel = (event: WheelEvent): void => {
      const stack = view.current;
      if (!stack) return;
      const box = target.getBoundingClientRect();
      if (event.ctrlKey)
        stack.zoomBy(
          event.deltaY < 0 ? 1.15 : 1 / 1.15,
          (event.clientX - box.left) * devicePixelRatio,
          (event.clientY - box.top) * devicePixelRatio,
        );
      else stack.goTo(stack.index + Math.sign(event.deltaY));
    };
    const keepPageZoom = (event: WheelEvent): void => event.preventDefault();
    const control = ({ key, type }: KeyboardEvent): void => {
      if (key !== 'Control') return;
      target.removeEventListener('wheel', keepPageZoom);
      if (type === 'keydown') target.addEventListener('wheel', keepPageZoom, { passive: false });
    };
    target.addEventListener('wheel', wheel, { passive: true });
    addEventListener('keydown', control);
    addEventListener('keyup', control);
    return () => {
      target.removeEventListener('wheel', wheel);
      target.removeEventListener('wheel', keepPageZoom);
      removeEventListener('keydown', control);
      removeEventListener('keyup', control);
    };
  }, [element, view]);
}

/** Left button: the chosen tool; right: window; middle or Shift: pan; on the scroll bar: the slice there. */
function useDrag(
  view: React.RefObject<StackView | null>,
  tool: DragTool,
  element: React.RefObject<HTMLDivElement | null>,
): (event: PointerEvent) => void {
  return (event) => {
    const stack = view.current;
    const target = element.current;
    if (!stack || !target) return;
    const box = target.getBoundingClientRect();
    if (stack.mount?.takesPointer(event.button, event.clientX - box.left, event.clientY - box.top)) return;
    const isOnBar = event.clientX > box.right - 14;
    const does: DragTool | 'bar' = isOnBar
      ? 'bar'
      : event.button === 2
        ? 'window'
        : event.button === 1 || event.shiftKey
          ? 'pan'
          : tool;
    const startIndex = stack.index;
    let [lastX, lastY] = [event.clientX, event.clientY];
    const startY = lastY;
    if (does === 'bar') stack.goTo(((event.clientY - box.top) / box.height) * stackCount(target));
    else if (does !== 'scroll') stack.remember();
    target.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent): void => {
      const [dx, dy] = [moved.clientX - lastX, moved.clientY - lastY];
      [lastX, lastY] = [moved.clientX, moved.clientY];
      if (does === 'bar') stack.goTo(((moved.clientY - box.top) / box.height) * stackCount(target));
      else if (does === 'scroll') stack.goTo(startIndex + (moved.clientY - startY) / 6);
      else if (does === 'zoom') stack.zoomBy(Math.exp(-dy / 150));
      else if (does === 'pan') stack.panBy(dx * devicePixelRatio, dy * devicePixelRatio);
      else if (stack.voi?.kind === 'window') {
        const { center, width } = stack.voi;
        const step = Math.max(width / 300, 1e-6);
        stack.setVoi({
          ...stack.voi,
          center: center - dy * step,
          width: Math.max(stack.voi.function === 'LINEAR' ? 1 : 1e-6, width + dx * step),
        });
      }
    };
    const end = (): void => {
      target.removeEventListener('pointermove', move);
      target.removeEventListener('pointerup', end);
      target.removeEventListener('pointercancel', end);
    };
    target.addEventListener('pointermove', move);
    target.addEventListener('pointerup', end);
    target.addEventListener('pointercancel', end);
  };
}

const stackCount = (target: HTMLElement): number =>
  Number(/\/ (\d+)/.exec(target.querySelector('[data-corner=br]')?.textContent ?? '')?.[1] ?? 1);
