// Pixels of the image on pixels of the screen: sharp at 1:1 in cells of every size.
import { expect, test, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { binary, numbers, text } from '../../shared/testing/dicom-builder.ts';
import { placeForEachTest } from '../support/place.ts';
import { testSlice } from '../support/test-study.ts';

const [ROWS, COLUMNS] = [57, 90];
const place = placeForEachTest();

/** Columns dark and bright by turns: half a pixel aside all of it is grey. */
async function openStripes(page: Page, rows = ROWS, columns = COLUMNS): Promise<ViewerPage> {
  const words = new Uint16Array(rows * columns).map((_, at) => ((at % columns) % 2 === 0 ? 0 : 1200));
  const file = path.join(place.path, 'source', 'stripes.dcm');
  fs.mkdirSync(path.dirname(file));
  fs.writeFileSync(
    file,
    testSlice(0, {
      '00280010': numbers('US', rows),
      '00280011': numbers('US', columns),
      '00280030': text('DS', '0.7', '0.7'),
      '7FE00010': binary('OW', new Uint8Array(words.buffer)),
    }),
  );
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles([file]);
  await browser.row('Müller').dblclick();
  const viewer = new ViewerPage(page);
  await viewer.waitForMount();
  return viewer;
}

/** Greys that are really on the screen along a row in the middle of the picture. */
async function greysOf(viewer: ViewerPage): Promise<number[]> {
  await viewer
    .cell()
    .locator('.overlay-text, .stage')
    .evaluateAll((all) => all.forEach((each) => each.remove()));
  const png = await viewer.cell().screenshot();
  const picture = await viewer.cell().locator('canvas.picture').boundingBox();
  const cell = await viewer.cell().boundingBox();
  if (!picture || !cell) throw new Error('no picture');
  const at = { x: Math.round(picture.x) - Math.floor(cell.x), y: Math.round(picture.y - cell.y + picture.height / 2) };
  return viewer.page.evaluate(
    async ([base64, { x, y }, width]) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      context?.drawImage(image, 0, 0);
      return [...(context?.getImageData(x, y, width, 1).data ?? [])].filter((_, byte) => byte % 4 === 0);
    },
    [png.toString('base64'), at, COLUMNS] as const,
  );
}

for (const [width, height, layout] of [
  [1281, 801, 'Alt+1'],
  [1280, 800, 'Alt+1'],
  [1281, 801, 'Alt+9'],
] as const)
  test(`1:1 is sharp, ${layout} in ${width} x ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const viewer = await openStripes(page);
    await viewer.press(layout);
    await viewer.press('o');
    await expect(viewer.corner('br')).toContainText('100 %');
    const greys = await greysOf(viewer);
    expect(greys.filter((grey) => grey < 3 || grey > 252)).toHaveLength(COLUMNS);
  });

test('the magnifying glass shows what a picture that is made smaller does not', async ({ page }) => {
  const viewer = await openStripes(page, 1700, 2500);
  await page.keyboard.press('g');
  await viewer.cell().hover();
  await page.mouse.down();
  const range = (): Promise<number> =>
    viewer
      .cell()
      .locator('.lens')
      .evaluate((canvas: HTMLCanvasElement) => {
        const { width, height } = canvas;
        const row = canvas.getContext('2d')?.getImageData(width / 4, height / 2, width / 2, 1).data ?? [];
        const greys = [...row].filter((_, byte) => byte % 4 === 0);
        return Math.max(...greys) - Math.min(...greys);
      });
  await expect.poll(range).toBeGreaterThan(100);
  await page.mouse.up();
});
