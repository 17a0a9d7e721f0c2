// Picture and annotation agree: a length drawn between two marks stays on them in every pose, in the right unit, whoever
// moves the camera.
import { expect, test, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import { apart, drawBetweenMarks, expectLength, expectOnMarks, SMALL } from '../pages/marked-lengths.ts';
import { ViewerPage, type Spot } from '../pages/viewer-page.ts';
import { runCli, startShell, temporaryFolder } from '../support/lectern.ts';
import { placeForEachTest } from '../support/place.ts';
import { middleOf, writeMarked, type Marked } from '../support/marked-study.ts';

/** Shown reduced, and in part when enlarged. */
const LARGE: Marked = { rows: 1843, columns: 2304, spacingMm: [0.12, 0.1], marks: [[420, 501], [1530, 1203]], markSize: 41 }; // prettier-ignore
const UNCALIBRATED: Marked = { ...SMALL, spacingMm: undefined };
const ULTRASOUND: Marked = { ...UNCALIBRATED, regionMm: 0.35 };

const place = placeForEachTest();

async function open(page: Page, marked: Marked): Promise<ViewerPage> {
  await page.addInitScript(() =>
    addEventListener('lectern:mounted', (event) =>
      Object.assign(globalThis, { camera: (event as CustomEvent).detail }),
    ),
  );
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles([writeMarked(path.join(place.path, 'source', 'marked.dcm'), marked)]);
  await expect(browser.row('Müller')).toBeVisible();
  await browser.row('Müller').dblclick();
  const viewer = new ViewerPage(page);
  await viewer.waitForMount();
  return viewer;
}

/** Where the marks of a fitted picture belong, worked out by hand: flipped first, then turned by quarters clockwise. The
 * letters at the edges follow the same pose (unit test), so picture and letters agree. */
async function expectPose(
  viewer: ViewerPage,
  spots: readonly Spot[],
  marked: Marked,
  isFlipped: boolean,
  quarters: number,
): Promise<void> {
  const box = await viewer.cell().boundingBox();
  if (!box) throw new Error('no cell');
  const [rowMm, columnMm] = marked.spacingMm ?? [1, 1];
  const [width, height] = [marked.columns * columnMm, marked.rows * rowMm];
  const isUpright = quarters % 2 === 0;
  const scale = Math.min(box.width / (isUpright ? width : height), box.height / (isUpright ? height : width));
  const expected = [0, 1].map((mark) => {
    const [column, row] = middleOf(marked, mark);
    let [x, y] = [column * columnMm - width / 2, row * rowMm - height / 2];
    if (isFlipped) x = -x;
    for (let turn = 0; turn < quarters; turn++) [x, y] = [-y, x];
    return { x: box.width / 2 + x * scale, y: box.height / 2 + y * scale };
  });
  for (const place of expected)
    expect(Math.min(...spots.map((spot) => apart(spot, place))), `${isFlipped} ${quarters}`).toBeLessThan(2);
}

for (const [name, marked, deviceScaleFactor] of [
  ['small', SMALL, 1],
  ['small at 1.5', SMALL, 1.5],
  ['large', LARGE, 1],
] as const) {
  test(`a length stays on its marks in every pose: ${name}`, async ({ browser }) => {
    const page = await browser.newPage({ viewport: { width: 1100, height: 780 }, deviceScaleFactor });
    const viewer = await open(page, marked);
    await drawBetweenMarks(viewer);
    await expect(viewer.lengthText).toHaveText(/^[\d.]+ mm$/);
    await expectLength(viewer, marked);
    await expectOnMarks(viewer, 'as drawn');
    // Eight orientations: four turns, each flipped and not.
    for (const flip of ['', 'h']) {
      if (flip) await viewer.press(flip);
      for (let turn = 0; turn < 4; turn++) {
        const spots = await expectOnMarks(viewer, `turn ${turn} ${flip}`);
        await expectPose(viewer, spots, marked, flip !== '', turn);
        await viewer.press('r');
      }
    }
    await viewer.press('v');
    await expectOnMarks(viewer, 'flipped top-bottom too');
    await viewer.press('m');
    // Beside the line: on it, the drag would move the length.
    await viewer.drag({ x: 30, y: 40 }, { x: 61, y: 19 });
    await expectOnMarks(viewer, 'panned');
    await viewer.press('-');
    await viewer.press('r');
    await expectOnMarks(viewer, 'zoomed out and turned');
    await page.setViewportSize({ width: 901, height: 703 });
    await viewer.painted();
    await expectOnMarks(viewer, 'resized');
    await page.close();
  });
}

test("the library's own camera moves the picture too", async ({ page }) => {
  const viewer = await open(page, SMALL);
  await drawBetweenMarks(viewer);
  for (const [name, patch] of [
    ['rotation', { rotation: 30 }],
    ['flip', { flipHorizontal: true }],
    ['both flips', { flipVertical: true }],
    ['scale', { scale: [0.7, 0.7] }],
    ['pan', { anchorCanvas: [0.56, 0.45] }],
  ] as const) {
    await viewer.setCamera(patch);
    await expectOnMarks(viewer, name);
  }
  await expect(viewer.corner('br')).not.toContainText('100 %');
});

test('without calibration lengths are pixels, and the picture says so', async ({ page }) => {
  const viewer = await open(page, UNCALIBRATED);
  await expect(viewer.fidelity()).toContainText('not calibrated');
  await expect(viewer.cell().locator('.scale-bar')).toBeHidden();
  await drawBetweenMarks(viewer);
  await expect(viewer.lengthText).toHaveText(/^[\d.]+ px$/);
  await expectLength(viewer, UNCALIBRATED);
  await expect(page.getByText('1 length, kept in the archive')).toBeVisible();
  await page.keyboard.press('Delete');
  await expect(viewer.lengthText).toHaveCount(0);
});

test('an ultrasound picture is measured by the calibration of its region', async ({ page }) => {
  const viewer = await open(page, ULTRASOUND);
  await expect(viewer.fidelity()).not.toContainText('not calibrated');
  await expect(viewer.cell().locator('.scale-bar')).toBeVisible();
  await drawBetweenMarks(viewer);
  await expect(viewer.lengthText).toHaveText(/^[\d.]+ mm$/);
  await expectLength(viewer, { ...ULTRASOUND, spacingMm: [0.35, 0.35] });
});

test('a length outlives the page: named, listed, found again, deleted, brought back; gone with its study', async ({
  page,
}) => {
  const viewer = await open(page, SMALL);
  await drawBetweenMarks(viewer);
  await expectLength(viewer, SMALL);
  await page.keyboard.press('Shift+l');
  const panel = page.getByRole('complementary', { name: 'Lengths' });
  await panel.getByRole('textbox').fill('Lesion');
  await panel.getByRole('textbox').press('Enter');
  await expect(viewer.lengthText).toContainText('Lesion');
  // At once: nothing may wait for a moment of rest to be kept.
  await page.reload();
  const browser = new BrowserPage(page);
  await viewer.waitForMount();
  await expect(viewer.lengthText).toContainText('Lesion');
  await expect(page.getByText('1 length, kept in the archive')).toBeVisible();
  await expectOnMarks(viewer, 'after the page was loaded again');
  await page.keyboard.press('Shift+l');
  await panel.getByRole('button', { name: /^Delete/ }).click();
  await expect(viewer.lengthText).toHaveCount(0);
  await panel.getByRole('button', { name: 'Undo the last change' }).click();
  await expect(viewer.lengthText).toContainText('Lesion');
  await panel.getByRole('button', { name: 'Close' }).click();
  await viewer.painted();
  await expectOnMarks(viewer, 'after undo');
  // Deleted with its study: the same files brought anew have none.
  await page.keyboard.press('b');
  await browser.row('Müller').click();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog')).toContainText('with its length');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Remove/ })
    .click();
  await expect(browser.rows).toHaveCount(0);
  await browser.importFiles([path.join(place.path, 'source', 'marked.dcm')]);
  await browser.row('Müller').dblclick();
  await viewer.waitForMount();
  await expect(page.getByText('kept in the archive')).toHaveCount(0);
  await expect(viewer.lengthText).toHaveCount(0);
});

test('a length drawn before there is what measures says so, and nothing once there is', async ({ page }) => {
  const viewer = await open(page, SMALL);
  await page.addInitScript(() => {
    const held: IdleRequestCallback[] = [];
    const atOnce: IdleDeadline = { didTimeout: true, timeRemaining: () => 0 };
    const hold = (work: IdleRequestCallback): number => held.push(work);
    const release = (): void => {
      globalThis.requestIdleCallback = (work) => (work(atOnce), 0);
      for (const work of held.splice(0)) work(atOnce);
    };
    Object.assign(globalThis, { requestIdleCallback: hold, cancelIdleCallback: () => undefined, release });
  });
  await page.reload();
  await expect(viewer.corner('tl')).not.toBeEmpty();
  const early = page.getByText('Measuring is not ready yet');
  const [from, to] = await viewer.brightSpots();
  await page.keyboard.press('l');
  await viewer.drag(from!, to!);
  await expect(early).toBeVisible();
  await page.evaluate(() => (globalThis as unknown as { release(): void }).release());
  await viewer.waitForMount();
  await viewer.drag(from!, to!);
  await expect(early).toHaveCount(0);
  await expectLength(viewer, SMALL);
});

test('a length waits for a backend that is away, and is in every window once that has it', async ({
  page,
  browser,
}) => {
  const viewer = await open(page, SMALL);
  const context = page.context();
  await context.route('**/lengths/*', (route) => route.abort());
  await drawBetweenMarks(viewer);
  await expect(page.getByText('The change of a length is not kept in the archive')).toBeVisible();
  await expect(page.getByText('1 length, not kept yet')).toBeVisible();
  // Another window, with another storage: it has what the backend has.
  const { cookies } = await context.storageState();
  const elsewhere = await (await browser.newContext({ storageState: { cookies, origins: [] } })).newPage();
  await elsewhere.goto(page.url());
  const other = new ViewerPage(elsewhere);
  await other.waitForMount();
  await expect(other.lengthText).toHaveCount(0);
  await context.unroute('**/lengths/*');
  await expect(other.lengthText).toHaveText(/mm$/);
  await expectLength(other, SMALL);
  await elsewhere.keyboard.press('Shift+l');
  await elsewhere.getByRole('complementary', { name: 'Lengths' }).getByRole('textbox').fill('Lesion');
  await elsewhere.keyboard.press('Enter');
  await expect(viewer.lengthText).toContainText('Lesion');
  // What was drawn here is not this window's alone any more.
  await page.keyboard.press('Alt+z');
  await expect(page.getByText('Lesion was changed in another window since')).toBeVisible();
  await expect(viewer.lengthText).toContainText('Lesion');
  await elsewhere.context().close();
});

test('a length drawn while the backend is away is there and kept after both were started again', async ({ page }) => {
  const viewer = await open(page, SMALL);
  await place.stop();
  await page.keyboard.press('l');
  await viewer.drag({ x: 200, y: 200 }, { x: 400, y: 260 });
  const text = (await viewer.lengthText.textContent()) ?? '';
  await expect(page.getByText('1 length, not kept yet')).toBeVisible();
  await page.goto('about:blank');
  await place.start();
  await page.goto(place.invitation);
  await new BrowserPage(page).row('Müller').dblclick();
  await expect(viewer.lengthText).toHaveText(text);
  await expect(page.getByText('1 length, kept in the archive')).toBeVisible();
  await expect.poll(() => page.evaluate(() => Object.keys(localStorage).join())).not.toContain('lectern.length');
  // The archive has it, not only this page.
  await page.reload();
  await viewer.waitForMount();
  await expect(viewer.lengthText).toHaveText(text);
});

test('lengths saved in the study are read by another station, which draws them where they were', async ({
  page,
  browser,
}) => {
  const viewer = await open(page, SMALL);
  await drawBetweenMarks(viewer);
  await page.keyboard.press('Shift+l');
  const panel = page.getByRole('complementary', { name: 'Lengths' });
  await expect(panel).toContainText('not part of the study');
  await panel.getByRole('textbox').fill('Lesion');
  await panel.getByRole('textbox').press('Enter');
  await panel.getByRole('button', { name: 'Save in the study' }).click();
  await expect(panel).toContainText('Saved in the study and read back: 1 length');
  await expect(page.getByText('1 length, saved in the study')).toBeVisible();
  const text = await viewer.lengthText.textContent();
  // It is a series of the study now, and reads as a report.
  await viewer.series(/Measurements \(Lectern\)/).dblclick();
  const report = page.getByRole('document', { name: 'Report' });
  await expect(report).toContainText('Lesion');
  await report
    .getByRole('button', { name: /^Image of/ })
    .last()
    .click();
  await expect(viewer.lengthText).toHaveText(text ?? '');
  const there = temporaryFolder();
  const other = await startShell(there.path);
  try {
    const exported = path.join(place.path, 'exported');
    const [, studyUid = ''] = /study\/([0-9.]+)/.exec(page.url()) ?? [];
    expect(await runCli(place.path, ['export', studyUid, exported])).toMatchObject({ code: 0 });
    const elsewhere = await (await browser.newContext()).newPage();
    await elsewhere.goto(other.invitation);
    const table = new BrowserPage(elsewhere);
    const files = fs
      .readdirSync(exported, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(exported, name));
    await table.importFiles(files.filter((file) => fs.statSync(file).isFile()));
    await table.row('Müller').dblclick();
    const theirs = new ViewerPage(elsewhere);
    await theirs.waitForMount();
    await expect(theirs.lengthText).toHaveCount(0);
    await elsewhere.getByRole('button', { name: '1 length in reports, not drawn' }).click();
    await elsewhere.getByRole('button', { name: 'Draw on the images' }).click();
    await expect(theirs.lengthText).toContainText('Lesion');
    await elsewhere.keyboard.press('Shift+l');
    await theirs.painted();
    expect(await theirs.lengthText.textContent()).toBe(text);
    await expectOnMarks(theirs, 'at the other station');
    await elsewhere.context().close();
  } finally {
    await other.stop();
    there[Symbol.dispose]();
  }
});
