// Lengths are drawn by one press and its release or by two clicks, are on their image in every view of it, and only there.
import { expect, test, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { text } from '../../shared/testing/dicom-builder.ts';
import { BrowserPage } from '../pages/browser-page.ts';
import { drawBetweenMarks, expectLength, expectOnMarks, SMALL } from '../pages/marked-lengths.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { runCli } from '../support/lectern.ts';
import { writeMarked } from '../support/marked-study.ts';
import { placeForEachTest } from '../support/place.ts';
import { testSlice } from '../support/test-study.ts';

const place = placeForEachTest();

const writeSlice = (slice: number): string =>
  writeMarked(path.join(place.path, 'source', `${slice}.dcm`), SMALL, slice);

async function openStudy(page: Page): Promise<ViewerPage> {
  await new BrowserPage(page).row('Müller').dblclick();
  const viewer = new ViewerPage(page);
  await viewer.waitForMount();
  return viewer;
}
/** A study of these slices, opened. */
async function open(page: Page, ...slices: number[]): Promise<ViewerPage> {
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(slices.map(writeSlice));
  await expect(browser.job(`${slices.length} stored`)).toBeVisible();
  return openStudy(page);
}

test('a length is on its image wherever that is shown: opened anew, or grown', async ({ page }) => {
  const viewer = await open(page, 1);
  await drawBetweenMarks(viewer);
  await expectLength(viewer, SMALL);
  await page.keyboard.press('b');
  await openStudy(page);
  await expectLength(viewer, SMALL);
  await expectOnMarks(viewer, 'opened anew');
  // A slice in front of it: its number in the series is another one.
  expect(await runCli(place.path, ['import', writeSlice(0)])).toMatchObject({ code: 0 });
  await expect(viewer.corner('br')).toContainText('2 / 2');
  await expectLength(viewer, SMALL);
  await page.keyboard.press('ArrowUp');
  await expect(viewer.lengthText).toHaveCount(0);
  await page.keyboard.press('ArrowDown');
  await expectLength(viewer, SMALL);
});

test('a cell whose next series is slow to come shows no length of the one before, and tools change in it', async ({
  page,
}) => {
  const failures: string[] = [];
  page.on('pageerror', ({ message }) => failures.push(message));
  page.on('console', (message) => message.type() === 'error' && failures.push(message.text()));
  const viewer = await open(page, 0);
  await drawBetweenMarks(viewer);
  const slow = path.join(place.path, 'source', 'slow.dcm');
  fs.writeFileSync(slow, testSlice(1, { '0020000E': text('UI', '2.25.9'), '00200011': text('IS', '2') }));
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  await page.route('**/series/2.25.9/metadata', async (route) => (await held, route.continue()));
  expect(await runCli(place.path, ['import', slow])).toMatchObject({ code: 0 });
  await expect(viewer.series(/MR 2/)).toBeVisible();
  await page.keyboard.press('n');
  await expect(viewer.cell().getByText('Opening')).toBeVisible();
  for (const key of ['l', 'w', 'l']) await viewer.press(key);
  await expect(viewer.lengthText.filter({ visible: true })).toHaveCount(0);
  letGo();
  await expect(viewer.cell()).toHaveAccessibleName(/PD sagittal/);
  await viewer.waitForMount();
  await expect(viewer.lengthText).toHaveCount(0);
  await page.keyboard.press('n');
  await expectLength(viewer, SMALL);
  expect(failures).toEqual([]);
});

test('a stray click makes no length: not in the list, not after leaving, and it keeps no other cell from measuring', async ({
  page,
}) => {
  const viewer = await open(page, 0);
  const begun = viewer.cell(0).locator('.svg-layer line').first();
  const list = page.getByText(/\d lengths?, /);
  await page.keyboard.press('Alt+2');
  await viewer.series(/MR 1/).dragTo(viewer.cell(1));
  await viewer.waitForMount(1);
  await page.keyboard.press('l');
  await viewer.cell(0).click({ position: { x: 60, y: 300 } });
  // Held back for as long as a double click may take.
  await expect(begun).toBeAttached();
  await expect(list).toHaveCount(0);
  await viewer.drag({ x: 100, y: 300 }, { x: 220, y: 380 }, 'left', 1);
  await expect(list).toContainText('1 length, kept');
  await viewer.cell(0).click({ position: { x: 60, y: 500 } });
  await expect(viewer.cell(0).locator('.svg-layer line')).not.toHaveCount(1);
  await page.keyboard.press('b');
  await openStudy(page);
  await expect(viewer.lengthText).toHaveCount(1);
  await expect(list).toContainText('1 length, kept');
});

test('a click before the tool was chosen is not the beginning of a length', async ({ page }) => {
  const viewer = await open(page, 0);
  const [from, to] = await viewer.brightSpots();
  await viewer.cell().click({ position: { x: 60, y: 700 } });
  // Within the time that a double click may take.
  await page.keyboard.press('l');
  await viewer.drag(from!, to!);
  await expectLength(viewer, SMALL);
});

test('Delete takes a selected length only where it is in sight', async ({ page }) => {
  const viewer = await open(page, 0, 1);
  await page.keyboard.press('Home');
  await drawBetweenMarks(viewer);
  const [from, to] = await viewer.lineEnds();
  await viewer.cell().click({ position: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 } });
  await page.mouse.move(10, 10);
  await page.keyboard.press('ArrowDown');
  await expect(viewer.lengthText).toHaveCount(0);
  await page.keyboard.press('Delete');
  await expect(page.getByText('Click a length first')).toBeVisible();
  await page.keyboard.press('ArrowUp');
  await expectLength(viewer, SMALL);
  await page.keyboard.press('Delete');
  await expect(viewer.lengthText).toHaveCount(0);
  await expect(page.getByText(/\d lengths?, /)).toHaveCount(0);
});

test('the texts of lengths that cross near one place are all read, also in a small cell', async ({ page }) => {
  const viewer = await open(page, 0);
  await viewer.press('l');
  const lines = [
    [400, 300, 600, 420],
    [600, 310, 400, 430],
    [500, 260, 505, 460],
    [390, 365, 610, 360],
  ] as const;
  for (const [at, [x, y, toX, toY]] of lines.entries()) {
    await viewer.drag({ x, y }, { x: toX, y: toY });
    await expect(viewer.lengthText).toHaveCount(at + 1);
  }
  const covered = (): Promise<string[]> =>
    viewer.lengthText.evaluateAll((texts) => {
      const boxes = texts.map((text) => ({ text: text.textContent, at: text.getBoundingClientRect() }));
      return boxes.flatMap(({ text, at: one }, index) =>
        boxes
          .slice(index + 1)
          .filter(
            ({ at: other }) =>
              one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom,
          )
          .map((other) => `${text} and ${other.text}`),
      );
    });
  for (const layout of ['Alt+1', 'Alt+4', 'Alt+9']) {
    await viewer.press(layout);
    await expect(viewer.lengthText).toHaveCount(lines.length);
    await expect.poll(covered).toEqual([]);
  }
});
