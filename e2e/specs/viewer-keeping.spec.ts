// What stays and what comes back: views of cells that left the screen, the keys of the images, a study that goes or comes anew, a
// backend that was away, a page that was zoomed.
import { expect, test, type Locator, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import type { ViewerPage } from '../pages/viewer-page.ts';
import { binary } from '../../shared/testing/dicom-builder.ts';
import { placeForEachTest } from '../support/place.ts';
import { openSeries, writeSeries } from '../support/three-series.ts';

const place = placeForEachTest();

const open = (page: Page): Promise<ViewerPage> => openSeries(page, place);

test('what was made of a series stays while its cell is off the screen, and when it comes back', async ({ page }) => {
  const viewer = await open(page);
  await page.keyboard.press('Alt+2');
  await expect(viewer.corner('br', 1)).toContainText('2 / 3');
  await viewer.press('End');
  await viewer.press('d');
  await viewer.press('i');
  const made = 'inverted\n3 / 3\nC -600  W 1500';
  await expect(viewer.corner('br', 0)).toContainText(made);
  const middle = { position: { x: 200, y: 300 } };
  await viewer.cell(1).dblclick(middle);
  await expect(page.locator('.cell')).toHaveCount(1);
  await viewer.cell(1).dblclick(middle);
  await expect(viewer.corner('br', 0)).toContainText(made);
  // With fewer cells the active one stays, and a walk through one cell leads nowhere; with more each is where it was.
  await page.keyboard.press('Alt+1');
  await expect(page.locator('.cell')).toHaveCount(1);
  await expect(viewer.corner('tr', 1)).toContainText('Sagittal');
  await page.keyboard.press('Control+ArrowLeft');
  await expect(viewer.cell(1)).toHaveAttribute('data-active', 'true');
  await page.keyboard.press('Alt+2');
  await expect(viewer.corner('br', 0)).toContainText(made);
  await page.keyboard.press('Control+ArrowLeft');
  await expect(viewer.cell(0)).toHaveAttribute('data-active', 'true');
  await page.keyboard.press('Alt+1');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(viewer.corner('tr')).toContainText('Sagittal');
  await expect(viewer.corner('br')).toContainText('2 / 3');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(viewer.corner('tr')).toContainText('Axial');
  await expect(viewer.corner('br')).toContainText(made);
  // With its history: one step back from there.
  await viewer.press('Control+z');
  await expect(viewer.corner('br')).not.toContainText('inverted');
  await expect(viewer.corner('br')).toContainText('C -600  W 1500');
  // Also when the study was left, by one Escape too many.
  await page.keyboard.press('Alt+2');
  await viewer.press('Control+ArrowRight');
  await viewer.press('Escape');
  await new BrowserPage(page).row('Müller').dblclick();
  await expect(page.locator('.cell')).toHaveCount(2);
  await expect(viewer.cell(1)).toHaveAttribute('data-active', 'true');
  await expect(viewer.corner('br', 0)).toContainText('3 / 3');
  await expect(viewer.corner('br', 0)).toContainText('C -600  W 1500');
});

test('the cells and their series are the same after a reload of the page', async ({ page }) => {
  const viewer = await open(page);
  await page.keyboard.press('k');
  await page.getByRole('button', { name: '1 x 2' }).click();
  await viewer.series(/Coronal/).dragTo(viewer.cell(0));
  await expect(viewer.corner('tr', 0)).toContainText('Coronal');
  await expect(viewer.corner('tr', 1)).toContainText('Sagittal');
  await page.reload();
  await expect(page.locator('.cell')).toHaveCount(2);
  await expect(viewer.corner('tr', 0)).toContainText('Coronal');
  await expect(viewer.corner('tr', 1)).toContainText('Sagittal');
  await expect(viewer.cell(0)).toHaveAttribute('data-active', 'true');
  await page.evaluate(() => history.replaceState(undefined, ''));
  await page.reload();
  await expect(viewer.corner('br')).toContainText('/ 3');
  await expect(page.locator('.cell')).toHaveCount(1);
});

test('while a series is opened, no picture of the one before stands under its name', async ({ page }) => {
  const viewer = await open(page);
  const { promise: release, resolve } = Promise.withResolvers<void>();
  await page.route('**/series/2.25.401/metadata', async (route) => {
    await release;
    await route.continue();
  });
  // Metadata that came with the opening of the study is here already.
  await page.reload();
  await expect(viewer.corner('tr')).toContainText('Axial');
  await viewer.cell().click();
  await page.keyboard.press('Shift+ArrowDown');
  await expect(viewer.cell()).toContainText('Opening CT 2 Sagittal');
  await expect(viewer.corner('tr')).toBeHidden();
  await expect(viewer.cell().locator('.cell-card')).toHaveCSS('background-color', 'rgb(0, 0, 0)');
  resolve();
  await expect(viewer.corner('tr')).toContainText('Sagittal');
  await expect(viewer.cell()).not.toContainText('Opening');
});

test('a tool or series taken with the mouse leaves Space and Enter to the images', async ({ page }) => {
  const viewer = await open(page);
  const images = page.getByRole('main', { name: 'Viewer' });
  await page.getByRole('button', { name: 'Rotate right' }).click();
  await expect(images).toBeFocused();
  await page.keyboard.press('Space');
  await expect(page.getByRole('group', { name: 'Cine' })).toBeVisible();
  await page.getByRole('button', { name: 'Faster' }).click();
  await page.keyboard.press('Space');
  await expect(page.getByRole('group', { name: 'Cine' })).toBeHidden();
  await viewer.series(/Coronal/).dblclick();
  await expect(viewer.corner('tr')).toContainText('Coronal');
  await expect(images).toBeFocused();
  await viewer.series(/Sagittal/).dragTo(viewer.cell());
  await expect(viewer.corner('tr')).toContainText('Sagittal');
  await expect(images).toBeFocused();
  await viewer.windows.click();
  await page.getByRole('menuitem', { name: 'Lunge' }).click();
  await expect(viewer.corner('br')).toContainText('C -600  W 1500');
  await expect(images).toBeFocused();
  // By key the focus stays where the person walks.
  const rotate = page.getByRole('button', { name: 'Rotate right' });
  await rotate.focus();
  await page.keyboard.press('Space');
  await expect(rotate).toBeFocused();
  // The button that opened the layouts closes them.
  await page.getByRole('button', { name: /^Choose a layout/ }).click();
  await expect(page.getByRole('dialog', { name: 'Layout' })).toBeVisible();
  await page.getByRole('button', { name: /^Choose a layout/ }).click();
  await expect(page.getByRole('dialog', { name: 'Layout' })).toBeHidden();
});

test('a length that is drawn keeps its slice; Escape, or another slice before its other end is set, gives it up', async ({
  page,
}) => {
  const viewer = await open(page);
  await viewer.waitForMount();
  const box = await viewer.cell().boundingBox();
  if (!box) throw new Error('no cell');
  const to = (x: number, y: number): Promise<void> => page.mouse.move(box.x + x, box.y + y, { steps: 3 });
  await page.keyboard.press('l');
  const begin = async (y: number): Promise<void> => {
    await to(300, y);
    await page.mouse.down();
    await to(360, y);
  };
  await begin(200);
  await page.mouse.wheel(0, 120);
  await page.keyboard.press('ArrowDown');
  await to(400, 200);
  await page.mouse.up();
  await expect(viewer.lengthText).toHaveCount(1);
  await expect(viewer.corner('br')).toContainText('2 / 3');
  await expect(page.getByText('1 length, kept in the archive')).toBeVisible();
  // Given up by Escape, which leaves the tool as it was.
  await begin(300);
  await page.keyboard.press('Escape');
  await to(420, 300);
  await page.mouse.up();
  await expect(viewer.lengthText).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Length', exact: true })).toHaveAttribute('aria-pressed', 'true');
  // One that is moved, by its end or as a whole, is where it was.
  const ends = async (): Promise<number[]> =>
    (await viewer.lineEnds()).flatMap(({ x, y }) => [Math.round(x * 100), Math.round(y * 100)]);
  const before = { ends: await ends(), text: await viewer.lengthText.textContent() };
  for (const x of [400, 350]) {
    await to(x, 200);
    await page.mouse.down();
    await to(x + 30, 260);
    await expect.poll(ends).not.toEqual(before.ends);
    await page.keyboard.press('Escape');
    await expect.poll(ends).toEqual(before.ends);
    await to(x + 60, 280);
    await page.mouse.up();
    expect({ ends: await ends(), text: await viewer.lengthText.textContent() }).toEqual(before);
  }
  await page.reload();
  await expect.poll(() => viewer.lengthText.textContent()).toEqual(before.text);
  expect(await ends()).toEqual(before.ends);
  await viewer.waitForMount();
  await page.keyboard.press('l');
  // One click sets the first end only.
  await to(300, 400);
  await page.mouse.down();
  await page.mouse.up();
  await to(330, 400);
  await expect(viewer.lengthText).toHaveCount(2);
  await page.mouse.wheel(0, 120);
  await expect(viewer.corner('br')).toContainText('3 / 3');
  await page.keyboard.press('ArrowUp');
  await expect(viewer.corner('br')).toContainText('2 / 3');
  await expect(viewer.lengthText).toHaveCount(1);
  await expect(page.getByText('1 length, kept in the archive')).toBeVisible();
});

test('a study that is removed while it is open leaves nothing on its screen; brought in anew, its new content shows', async ({
  page,
  context,
}) => {
  const viewer = await open(page);
  await expect(viewer.corner('tr')).toContainText('Axial');
  await page.keyboard.press('t');
  const attributes = page.getByRole('complementary', { name: 'Attributes' });
  await expect(attributes).toContainText('P-4711');
  const other = await context.newPage();
  await other.goto(new URL(page.url()).origin);
  const browser = new BrowserPage(other);
  const remove = async (): Promise<void> => {
    await browser.row('Müller').click();
    await other.keyboard.press('Delete');
    await other.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(browser.rows).toHaveCount(0);
  };
  await remove();
  await expect(page.getByRole('heading', { name: 'This study is not here' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Invert' })).toBeDisabled();
  await expect(attributes).not.toContainText('P-4711');
  // The same instances, of the same number, with other pixels.
  const write = (value: number): string[] =>
    writeSeries(place.path, { '7FE00010': binary('OW', new Uint8Array(new Int16Array(48 * 64).fill(value).buffer)) });
  await browser.importFiles(write(540));
  await expect(viewer.corner('br')).toContainText('/ 3');
  await viewer.painted();
  const middle = (): Promise<number> => viewer.greyAt(0.5, 0.5);
  // Stored 540, times 2 minus 1000: 80 in a window of 40 and 400.
  await expect.poll(middle).toBe(153);
  // And with the study closed meanwhile; the keys go from the search of the attributes back to the images.
  await page.keyboard.press('Escape');
  await page.keyboard.press('b');
  await remove();
  await browser.importFiles(write(500));
  await new BrowserPage(page).row('Müller').dblclick();
  await expect(viewer.corner('br')).toContainText('/ 3');
  await expect.poll(middle).toBe(102);
});

test('an instance that changes places with one in quarantine is shown as it is now, in each open window', async ({
  page,
  context,
}) => {
  const viewer = await open(page);
  const middle = (): Promise<number> => viewer.greyAt(0.5, 0.5);
  await viewer.press('End');
  await viewer.press('i');
  await expect(viewer.corner('br')).toContainText('3 / 3');
  const other = await context.newPage();
  await other.goto(`${new URL(place.invitation).origin}/`);
  const browser = new BrowserPage(other);
  // Of the same UIDs and length, with other pixels: stored 540 is 80 in a window of 40 and 400.
  const pixels = new Uint8Array(new Int16Array(48 * 64).fill(540).buffer);
  await browser.importFiles(writeSeries(place.path, { '7FE00010': binary('OW', pixels) }));
  await expect(browser.job('9 in quarantine')).toBeVisible();
  await other.keyboard.press('Escape');
  await browser.row('Müller').click();
  await other.keyboard.press('q');
  const panel = other.getByRole('region', { name: 'Conflicts in quarantine' });
  const last = panel.getByRole('listitem').filter({ hasText: 'Axial-2.dcm' });
  await last.getByRole('button', { name: 'Let them change places' }).click();
  await last.getByRole('button', { name: 'Change places', exact: true }).click();
  await expect.poll(middle).toBe(255 - 153);
  // What was made of the series stays.
  await expect(viewer.corner('br')).toContainText('3 / 3');
  await expect(viewer.corner('br')).toContainText('inverted');
});

test('an image whose stored file is damaged is marked, and shows once it came again', async ({ page, context }) => {
  const viewer = await open(page);
  await viewer.press('ArrowDown');
  await expect(viewer.corner('br')).toContainText('3 / 3');
  // Behind the back of the program, while all of it was read already by nobody but this page.
  const objects = path.join(place.path, 'data', 'objects');
  const files = fs.readdirSync(objects, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) fs.truncateSync(path.join(parentPath, name), 200);
  // Nothing is kept of the previews.
  await place.stop();
  await place.start();
  await page.goto(place.invitation);
  await new BrowserPage(page).row('Müller').dblclick();
  await expect(viewer.cell().getByRole('alert')).toContainText('is damaged');
  await expect(viewer.series('Axial')).toContainText('No preview');
  const other = await context.newPage();
  await other.goto(`${new URL(page.url()).origin}/`);
  const browser = new BrowserPage(other);
  await expect(browser.row('Müller')).toContainText('damaged');
  await browser.importFiles(writeSeries(place.path));
  await expect(browser.row('Müller')).not.toContainText('damaged');
  await expect(viewer.corner('br')).toContainText('/ 3');
  await expect(viewer.series('Axial')).not.toContainText('damaged');
  await expect(viewer.series('Axial')).not.toContainText('No preview');
});

test('a backend that goes away while a study is read is said; once it is back what was missing comes by itself', async ({
  page,
  context,
}) => {
  const viewer = await open(page);
  await page.keyboard.press('Alt+2');
  await expect(viewer.corner('tr', 1)).toContainText('Sagittal');
  await page.route('**/frames/**', (route) => route.abort());
  await viewer.series(/Coronal/).dragTo(viewer.cell(1));
  await expect(viewer.cell(1)).toContainText('This image cannot be shown');
  await place.stop();
  await expect(page.getByText('The backend does not answer. What is loaded can be read on')).toBeVisible();
  await page.unroute('**/frames/**');
  await page.keyboard.press('Alt+4');
  await expect(page.locator('.cell')).toHaveCount(4);
  await expect(viewer.corner('tr')).toContainText('Axial');
  await place.start();
  await (await context.newPage()).goto(place.invitation);
  await expect(page.getByText('The backend does not answer.')).toHaveCount(0);
  await expect(viewer.corner('tr', 1)).toContainText('Coronal');
  await expect(viewer.corner('br', 1)).toContainText('C 40  W 400');
});

test('a page zoomed to twice its size keeps every tool within reach', async ({ page }) => {
  const outside = (bar: Locator): Promise<string[]> =>
    bar
      .locator('button, select')
      .evaluateAll((all) =>
        all
          .filter((each) => each.getBoundingClientRect().right > innerWidth)
          .map((each) => each.ariaLabel ?? each.textContent),
      );
  await open(page);
  for (const width of [1180, 1024, 979, 940, 901, 640]) {
    await page.setViewportSize({ width, height: 400 });
    expect(await outside(page.getByRole('toolbar', { name: 'Tools' })), String(width)).toEqual([]);
  }
  await expect(page.locator('.viewer-patient')).toContainText('Müller');
  await page.keyboard.press('b');
  expect(await outside(page.locator('.browser-head'))).toEqual([]);
  await new BrowserPage(page).row('Müller').click();
  expect((await new BrowserPage(page).table.boundingBox())?.height).toBeGreaterThan(80);
});
