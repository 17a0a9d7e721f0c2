// A long PDF: how long it is shows before its pages are drawn, and no more of them are held than are near the view.
import { expect, test } from '@playwright/test';
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

/** Pages that are black but for the edge, without the table that readers make up for themselves. */
function pdf(): Buffer {
  const pages = Array.from({ length: COUNT }, (_, at) => at + 4);
  const box = (at: number): string => (at === COUNT + 3 ? `${LAST_WIDTH} ${LAST_HEIGHT}` : `${WIDTH} ${HEIGHT}`);
  const drawing = '0 0 0 rg 10 10 280 280 re f';
  const objects = [
    '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
    `2 0 obj<</Type/Pages/Kids[${pages.map((at) => `${at} 0 R`).join(' ')}]/Count ${COUNT}>>endobj`,
    `3 0 obj<</Length ${drawing.length}>>stream\n${drawing}\nendstream endobj`,
    ...pages.map((at) => `${at} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${box(at)}]/Contents 3 0 R>>endobj`),
  ];
  return Buffer.from(`%PDF-1.4\n${objects.join('\n')}\ntrailer<</Root 1 0 R>>\n%%EOF\n`);
}

/** A picture, and a PDF in a series of its own. */
function writeStudy(folder: string): string[] {
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
    '00420011': binary('OB', pdf()),
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

test('a long PDF has all its pages at once, holds those near the view, and ends when it is left', async ({ page }) => {
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(writeStudy(path.join(place.path, 'source')));
  await expect(browser.job(/stored|repaired/)).toBeVisible();
  await browser.rows.first().dblclick();
  const viewer = new ViewerPage(page);
  await viewer.series('Gutachten').dblclick();
  const letter = page.getByRole('document', { name: 'Gutachten' });
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
  const black = await sheets
    .last()
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => [
      ...(canvas.getContext('2d')?.getImageData(canvas.width / 4, canvas.height / 2, 1, 1).data ?? []),
    ]);
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
