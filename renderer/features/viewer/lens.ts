// The magnifying glass: a round canvas over the cell.
import type { StackView } from '../../imaging/index.ts';

const FACTOR = 2.5;

export interface Lens {
  /** Point of the page. */
  show(x: number, y: number): void;
  close(): void;
}

export function openLens(target: HTMLElement, stack: StackView, box: DOMRect): Lens {
  const lens = document.createElement('canvas');
  const size = Math.round(Math.min(260, box.width / 2, box.height / 2));
  lens.className = 'lens';
  lens.width = lens.height = size * devicePixelRatio;
  lens.style.width = lens.style.height = `${size}px`;
  const context = lens.getContext('2d', { alpha: false });
  target.append(lens);
  let [x, y] = [0, 0];
  let request = 0;
  // The picture may change below a lens that rests: by the wheel, a key, a cine.
  const draw = (): void => {
    request = requestAnimationFrame(draw);
    if (!context) return;
    context.resetTransform();
    context.fillStyle = '#000';
    context.fillRect(0, 0, lens.width, lens.height);
    stack.drawLens(context, x * devicePixelRatio, y * devicePixelRatio, FACTOR);
  };
  request = requestAnimationFrame(draw);
  return {
    show: (clientX, clientY) => {
      [x, y] = [clientX - box.left, clientY - box.top];
      lens.style.transform = `translate(${x - size / 2}px, ${y - size / 2}px)`;
    },
    close: () => {
      cancelAnimationFrame(request);
      lens.remove();
    },
  };
}
