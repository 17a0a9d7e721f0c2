// A long PDF: how long it is shows before its pages are drawn, and no more of them are held than are near the view. A damaged one
// says how much of it is missing.
import { expect, test, type Locator, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { binary, numbers, text, writeFile } from '../../shared/testing/dicom-builder.ts';
import { placeForEachTest } from '../support/place.ts';
import { TEST_STUDY, testSlice } from '../support/test-study.ts';

const COUNT = 60;
/** In points; the last page is wide. */
const [WIDTH, HEIGHT, LAST_WIDTH, LAST_HEIGHT] = [400, 600, 600, 300];

/** Pages that are black but for the edge, without the table that readers make up for themselves. `boxes`: width and height of each,
 * in points; a page that is null is damaged. */
function pdf(boxes: readonly (string | null)[]): Buffer {
  const pages = boxes.map((_, at) => at + 4);
  const drawing = '0 0 0 rg 10 10 280 280 re f';
  const objects = [
    '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
    `2 0 obj<</Type/Pages/Kids[${pages.map((at) => `${at} 0 R`).join(' ')}]/Count ${boxes.length}>>endobj`,
    `3 0 obj<</Length ${drawing.length}>>stream\n${drawing}\nendstream endobj`,
    ...boxes.map((box, at) => {
      const page = box === null ? 'null' : `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${box}]/Contents 3 0 R>>`;
      return `${at + 4} 0 obj ${page} endobj`;
    }),
  ];
  return Buffer.from(`%PDF-1.4\n${objects.join('\n')}\ntrailer<</Root 1 0 R>>\n%%EOF\n`);
}
const PAGE = `${WIDTH} ${HEIGHT}`;

/** A picture, and a PDF in a series of its own. */
function writeStudy(folder: string, boxes: readonly (string | null)[]): string[] {
  const letter = writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.104.1'),
    '00080018': text('UI', '2.25.3001'),
    '00080060': text('CS', 'DOC'),
    '0008103E': text('LO', 'Gutachten'),
    '0020000D': text('UI', TEST_STUDY.studyUid),
    '0020000E': text('UI', '2.25.3000'),
    '00200011': text('IS', '2'),
    '00200013': numbers('US', 1),
    '00420010': text('ST', 'Gutachten'),
    '00420011': binary('OB', pdf(boxes)),
    '00420012': text('LO', 'application/pdf'),
  });
  fs.mkdirSync(folder, { recursive: true });
  return [testSlice(0), letter].map((bytes, at) => {
    const file = path.join(folder, `${at}.dcm`);
    fs.writeFileSync(file, bytes);
    return file;
  });
}

const place = placeForEachTest();

async function open(page: Page, boxes: readonly (string | null)[]) {
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(writeStudy(path.join(place.path, 'source'), boxes));
  await expect(browser.job(/stored|repaired/)).toBeVisible();
  await browser.rows.first().dblclick();
  const viewer = new ViewerPage(page);
  await viewer.series('Gutachten').dblclick();
  return { viewer, letter: page.getByRole('document', { name: 'Gutachten' }) };
}

/** Red, green, blue and opacity a quarter from the left, half from the top. */
const middleOf = (canvas: Locator): Promise<number[]> =>
  canvas.evaluate((element: HTMLCanvasElement) => [
    ...(element.getContext('2d')?.getImageData(element.width / 4, element.height / 2, 1, 1).data ?? []),
  ]);

test('a long PDF has all its pages at once, holds those near the view, and ends when it is left', async ({ page }) => {
  const boxes = Array.from({ length: COUNT }, (_, at) => (at === COUNT - 1 ? `${LAST_WIDTH} ${LAST_HEIGHT}` : PAGE));
  const { viewer, letter } = await open(page, boxes);
  const sheets = letter.locator('figure');
  await expect(sheets).toHaveCount(COUNT);
  await expect(sheets.first()).toContainText(`Page 1 of ${COUNT}`);
  await expect(sheets.first().locator('canvas')).toBeVisible();
  await expect(sheets.last().locator('canvas')).toHaveCount(0);

  const paper = sheets.last().locator('.paper');
  await expect(paper).toHaveCSS('aspect-ratio', `${LAST_WIDTH * 1.5} / ${LAST_HEIGHT * 1.5}`);
  const heightOf = (): Promise<number> => letter.evaluate((element) => element.scrollHeight);
  const height = await heightOf();
  await letter.focus();
  await expect(async () => {
    await page.keyboard.press('End');
    await expect(sheets.last().locator('figcaption')).toBeInViewport({ timeout: 2000 });
  }).toPass();
  await expect(sheets.last().locator('canvas')).toBeVisible();
  const black = await middleOf(sheets.last().locator('canvas'));
  expect(black).toEqual([0, 0, 0, 255]);
  await expect(sheets.first().locator('canvas')).toHaveCount(0);
  await expect.poll(() => letter.locator('canvas').count()).toBeLessThan(8);
  expect(await heightOf()).toBe(height);

  const readers = (): string[] => page.workers().map((worker) => worker.url()).filter((url) => url.includes('pdf')); // prettier-ignore
  expect(readers()).toHaveLength(1);
  await viewer.series('PD sagittal').dblclick();
  await expect(letter).toHaveCount(0);
  await expect.poll(readers).toEqual([]);
});

for (const [damaged, readable] of [
  [1, 0],
  [2, 1],
] as const)
  test(`a PDF whose page ${damaged} of 3 is damaged says how many can be read`, async ({ page }) => {
    const { letter } = await open(
      page,
      [1, 2, 3].map((number) => (number === damaged ? null : PAGE)),
    );
    await expect(letter).toContainText(`This PDF states 3 pages and is damaged: only ${readable} can be read.`);
    await expect(letter.locator('figcaption').first()).toHaveText('Page 1 of 3');
    await expect(letter.locator('figure').last()).toContainText('This page could not be shown');
    await expect(letter.locator('canvas')).toHaveCount(readable);
  });

test('a PDF without pages says so', async ({ page }) => {
  const { letter } = await open(page, []);
  await expect(letter).toHaveText('This PDF has no pages.');
});

for (const [box, caption] of [
  ['14400 14400', 'Page 1 of 1'],
  ['1200 14400', 'Page 1 of 1, drawn coarsely: it is too large'],
] as const)
  test(`a PDF page of ${box} points is not blank`, async ({ page }) => {
    await page.setViewportSize({ width: 1800, height: 900 });
    const { letter } = await open(page, [box]);
    const canvas = letter.locator('canvas');
    await expect(canvas).toBeAttached();
    const isDrawn = (element: HTMLCanvasElement): number[] => {
      const scale = element.height / 14400;
      const at = [150 * scale, element.height - 150 * scale] as const;
      return [...(element.getContext('2d')?.getImageData(...at, 1, 1).data ?? [])];
    };
    expect(await canvas.evaluate(isDrawn)).toEqual([0, 0, 0, 255]);
    expect(await canvas.evaluate((element: HTMLCanvasElement) => element.width * element.height)).toBeLessThan(17e6);
    await expect(letter.locator('figcaption')).toHaveText(caption);
  });
