// What a drag makes of a window. Pure.
import type { Lut } from '#shared/dicom/look-up-tables.ts';
import type { Voi } from '#shared/pixels/grey-values.ts';

type Window = Extract<Voi, { kind: 'window' }>;

/** Where a drag begins: at the window, or at the straight one nearest to a table of the header; undefined where there is none. */
export function dragStart(voi: Voi | undefined): Window | undefined {
  return voi?.kind === 'lut' ? straightOf(voi.lut) : voi;
}

/** Through where the table reaches a quarter and three quarters of its height. A table that falls has none: a window only rises. */
function straightOf({ first, data }: Lut): Window | undefined {
  const [start = 0, end = 0] = [data[0], data.at(-1)];
  if (end <= start) return undefined;
  const reached = (part: number): number => first + data.findIndex((value) => value >= start + part * (end - start));
  const [low, high] = [reached(0.25), reached(0.75)];
  return { kind: 'window', center: (low + high) / 2, width: Math.max(1, 2 * (high - low)), function: 'LINEAR_EXACT' };
}

/** Sideways: width; up and down: centre; in steps that suit the width the drag began with. */
export function draggedWindow(start: Window, dx: number, dy: number): Window {
  const step = Math.max(start.width / 300, 1e-6);
  const least = start.function === 'LINEAR' ? 1 : 1e-6;
  return { ...start, center: start.center - dy * step, width: Math.max(least, start.width + dx * step) };
}
