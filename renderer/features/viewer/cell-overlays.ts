// Writes a cell's texts, letters, scale bar and scroll marks straight into its elements: they change with every slice, and
// React would cost more than the picture.
import { pixelsPerMm, barLengthMm, type StackView, type StackViewState } from '../../imaging/index.ts';
import { CORNERS, type Corner, type CornerLine } from './overlay-fields.ts';

const EDGES = ['left', 'right', 'top', 'bottom'] as const;

export function putText(root: HTMLElement, selector: string, text: string): void {
  const target = root.querySelector(selector);
  if (target && target.textContent !== text) target.textContent = text;
}

/** Each line in an element of its own: it is whole or ends in dots by itself. */
function putLines(root: HTMLElement, corner: Corner, lines: readonly CornerLine[]): void {
  const target = root.querySelector(`[data-corner=${corner}]`);
  if (!target || target.textContent === lines.map(({ text }) => text).join('\n')) return;
  while (target.childElementCount > lines.length) target.lastElementChild?.remove();
  lines.forEach(({ text, stays = '' }, at) => {
    const element = (target.children[at] ?? target.appendChild(document.createElement('span'))) as HTMLElement;
    const shown = at < lines.length - 1 ? `${text}\n` : text;
    if (element.textContent !== shown) element.textContent = shown;
    if (element.dataset['stays'] !== stays) element.dataset['stays'] = stays;
  });
}

export function writeOverlays(
  root: HTMLElement,
  state: StackViewState,
  corners: Record<Corner, readonly CornerLine[]>,
): void {
  // Asked before anything is written: afterwards the answer would cost a layout of its own for each slice.
  const { clientHeight } = root;
  for (const corner of CORNERS) putLines(root, corner, corners[corner]);
  for (const edge of EDGES) putText(root, `[data-edge=${edge}]`, state.letters?.[edge] ?? '');
  writeScaleBar(root, state, clientHeight);
  placeThumb(root, state, clientHeight);
}

/** Only where millimetres are known. */
function writeScaleBar(root: HTMLElement, { image, view }: StackViewState, clientHeight: number): void {
  const bar = root.querySelector<HTMLElement>('.scale-bar');
  if (!bar) return;
  const perMm = pixelsPerMm(image, view.scale / devicePixelRatio);
  bar.hidden = perMm === undefined;
  if (perMm === undefined) return;
  const length = barLengthMm(perMm, clientHeight);
  const height = `${length * perMm}px`;
  if (bar.style.height !== height) bar.style.height = height;
  putText(root, '.scale-bar span', length >= 10 ? `${length / 10} cm` : `${length} mm`);
}

/** Loaded parts light, seen parts in the accent. */
export function drawMarks(root: HTMLElement, view: StackView): void {
  const canvas = root.querySelector<HTMLCanvasElement>('.scroll-marks');
  if (!canvas) return;
  const { count } = view;
  canvas.hidden = count < 2;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0 || height === 0) return;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return;
  context.clearRect(0, 0, width, height);
  const step = height / count;
  for (let at = 0; at < count; at++) {
    context.fillStyle = view.seen.has(at) ? '#4d7ba3' : view.isLoaded(at) ? '#5a5a5a' : '#222';
    context.fillRect(4, at * step, 4, Math.max(1, step - (step > 3 ? 1 : 0)));
  }
}

/** The present slice on the scroll bar: an element that only moves. */
function placeThumb(
  root: HTMLElement,
  { index, count }: Pick<StackViewState, 'index' | 'count'>,
  clientHeight: number,
): void {
  const thumb = root.querySelector<HTMLElement>('.scroll-thumb');
  if (!thumb) return;
  thumb.hidden = count < 2;
  if (count > 1) thumb.style.transform = `translateY(${Math.round((index * (clientHeight - 4)) / (count - 1))}px)`;
}
