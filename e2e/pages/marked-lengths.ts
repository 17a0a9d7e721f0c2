// Lengths between the two marks of a marked study: drawn, and read back.
import { expect } from '@playwright/test';
import { middleOf, type Marked } from '../support/marked-study.ts';
import type { Spot, ViewerPage } from './viewer-page.ts';

export const SMALL: Marked = { rows: 96, columns: 128, spacingMm: [0.9, 0.6], marks: [[20, 24], [88, 61]], markSize: 3 }; // prettier-ignore

export const apart = (a: Spot, b: Spot): number => Math.hypot(a.x - b.x, a.y - b.y);

/** Marks in the picture against the ends of the line, in the order it was drawn. */
export async function expectOnMarks(viewer: ViewerPage, name: string): Promise<Spot[]> {
  const [ends, marks] = [await viewer.lineEnds(), await viewer.brightSpots()];
  expect(marks, name).toHaveLength(2);
  for (const end of ends) expect(Math.min(...marks.map((mark) => apart(mark, end))), name).toBeLessThan(1.5);
  expect(apart(ends[0], ends[1]), name).toBeGreaterThan(20);
  return marks;
}

export async function drawBetweenMarks(viewer: ViewerPage): Promise<void> {
  const [from, to] = await viewer.brightSpots();
  if (!from || !to) throw new Error('no marks');
  await viewer.page.keyboard.press('l');
  await viewer.drag(from, to);
  await viewer.page.keyboard.press('w');
}

const lengthOf = (marked: Marked): number => {
  const [[c0, r0], [c1, r1]] = [middleOf(marked, 0), middleOf(marked, 1)];
  const [rowMm, columnMm] = marked.spacingMm ?? [1, 1];
  return Math.hypot((c1 - c0) * columnMm, (r1 - r0) * rowMm);
};

/** Within a hundredth: the marks are hit to a pixel of the screen. */
export async function expectLength(viewer: ViewerPage, marked: Marked): Promise<void> {
  const error = async (): Promise<number> =>
    Math.abs(Number.parseFloat((await viewer.lengthText.textContent()) ?? '') / lengthOf(marked) - 1);
  await expect.poll(error).toBeLessThan(0.01);
}
