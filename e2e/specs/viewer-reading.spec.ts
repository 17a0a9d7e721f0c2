// Reading: layouts, series into cells, keys and mouse of one's own, windows, true size, values, cine, undo; what is remembered.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { binary, sequence, text } from '../../shared/testing/dicom-builder.ts';
import { placeForEachTest } from '../support/place.ts';
import { testSlice } from '../support/test-study.ts';
import { openSeries } from '../support/three-series.ts';

const place = placeForEachTest();

const open = (page: Page): Promise<ViewerPage> => openSeries(page, place);

test('layouts, series into cells by mouse and by key, one cell only', async ({ page }) => {
  const viewer = await open(page);
  await page.keyboard.press('k');
  await page.getByRole('button', { name: '1 x 2' }).click();
  await expect(page.locator('.cell')).toHaveCount(2);
  // Empty cells take the series that none shows.
  await expect(viewer.corner('tr', 1)).toContainText('Sagittal');
  await viewer.series(/Coronal/).dragTo(viewer.cell(1));
  await expect(viewer.corner('tr', 1)).toContainText('Coronal');
  await expect(viewer.cell(1)).toHaveAttribute('data-active', 'true');
  await page.keyboard.press('Control+ArrowLeft');
  await expect(viewer.cell(0)).toHaveAttribute('data-active', 'true');
  await page.keyboard.press('n');
  await expect(viewer.corner('tr', 0)).toContainText('Sagittal');
  await viewer.cell(1).dblclick({ position: { x: 200, y: 300 } });
  await expect(page.locator('.cell')).toHaveCount(1);
  await expect(viewer.corner('tr', 1)).toContainText('Coronal');
  await page.keyboard.press('Escape');
  await expect(page.locator('.cell')).toHaveCount(2);
  await page.keyboard.press('Alt+0');
  await expect(page.locator('.cell')).toHaveCount(20);
  await expect(viewer.corner('br', 2)).toContainText('/ 3');
  await page.keyboard.press('c');
  await expect(page.getByRole('toolbar')).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('toolbar')).toBeVisible();
});

test('windows of the header by key, undo and redo, values in their unit', async ({ page }) => {
  const viewer = await open(page);
  await expect(viewer.corner('br')).toContainText('C 40  W 400');
  await viewer.press('d');
  await expect(viewer.corner('br')).toContainText('C -600  W 1500');
  await viewer.press('i');
  await expect(viewer.corner('br')).toContainText('inverted');
  await viewer.press('Control+z');
  await expect(viewer.corner('br')).not.toContainText('inverted');
  await viewer.press('Control+z');
  await expect(viewer.corner('br')).toContainText('C 40  W 400');
  await viewer.press('Control+y');
  await expect(viewer.corner('br')).toContainText('C -600  W 1500');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('full ra');
  await page.keyboard.press('Enter');
  // Middle slice: stored 100 to 351, times 2 minus 1000.
  await expect(viewer.corner('br')).toContainText('C -549  W 502');
  const box = await viewer.cell().boundingBox();
  if (!box) throw new Error('no cell');
  await page.mouse.move(box.x + box.width / 2 + 2, box.y + box.height / 2 + 2);
  // Column 33 of 64, row 25 of 48: stored 100 + 24 * 4 + 32.
  await expect(viewer.probe).toHaveText('33, 25: -544 HU (stored 228)');
  // The picture changes below a cursor that rests.
  await page.keyboard.press('ArrowDown');
  await expect(viewer.probe).toHaveText('33, 25: -344 HU (stored 328)');
  await page.keyboard.press('h');
  await expect(viewer.probe).toHaveText('32, 25: -346 HU (stored 327)');
  await page.keyboard.press('q');
  await expect(viewer.probe).toHaveText('');
  await page.mouse.move(box.x + box.width / 2 + 9, box.y + box.height / 2 + 9);
  await expect(viewer.probe).toHaveText('');
});

test('windows of the number keys are the person’s own list, and remembered', async ({ page }) => {
  const viewer = await open(page);
  await viewer.press('1');
  await expect(viewer.corner('br')).toContainText('C 40  W 80');
  await viewer.windows.click();
  await page.getByRole('menuitem', { name: 'Change this list' }).click();
  await page.getByRole('textbox', { name: 'Name of window 1', exact: true }).fill('Mine');
  await page.getByRole('textbox', { name: 'Width of Mine' }).fill('0');
  await expect(page.getByRole('textbox', { name: 'Width of Mine' })).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('textbox', { name: 'Width of Mine' }).fill('90');
  await page.getByRole('button', { name: 'Mine: down' }).click();
  await page.reload();
  await expect(viewer.corner('br')).toContainText('/ 3');
  // The keys mean what the list shows.
  await viewer.windows.click();
  await expect(page.getByRole('menuitem', { name: 'Mine 2' })).toBeVisible();
  await page.keyboard.press('Escape');
  await viewer.press('2');
  await expect(viewer.corner('br')).toContainText('C 40  W 90');
  await viewer.press('1');
  await expect(viewer.corner('br')).toContainText('C 75  W 215');
  await viewer.windows.click();
  await page.getByRole('menuitem', { name: 'Change this list' }).click();
  await page.getByRole('button', { name: 'Back to the defaults for CT' }).click();
  await page.keyboard.press('Escape');
  await viewer.press('1');
  await expect(viewer.corner('br')).toContainText('C 40  W 80');
});

test('a PET reads in SUV; where there is none the image says why', async ({ page }) => {
  const files = ['80', ''].map((weightKg, index) => {
    const file = path.join(place.path, `pet-${index}.dcm`);
    fs.writeFileSync(
      file,
      testSlice(1, {
        '00080018': text('UI', `2.25.5${index}`),
        '00080021': text('DA', '20240517'),
        '00080022': text('DA', '20240517'),
        '00080031': text('TM', '095000'),
        '00080032': text('TM', '095000'),
        '00080060': text('CS', 'PT'),
        '00101030': text('DS', ...(weightKg ? [weightKg] : [])),
        '0020000E': text('UI', `2.25.60${index}`),
        '00200011': text('IS', String(index + 1)),
        '00280051': text('CS', 'ATTN', 'DECY'),
        '00281050': text('DS'),
        '00281051': text('DS'),
        '00281052': text('DS', '0'),
        '00281053': text('DS', '10'),
        '00540016': sequence({
          '00181072': text('TM', '080000'),
          '00181074': text('DS', '400000000'),
          '00181075': text('DS', '6600'),
        }),
        '00541001': text('CS', 'BQML'),
        '00541102': text('CS', 'START'),
      }),
    );
    return file;
  });
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(files);
  await expect(browser.job(/2 stored/)).toBeVisible();
  await browser.row('Müller').dblclick();
  const viewer = new ViewerPage(page);
  await expect(viewer.corner('br')).toContainText('/ 1');
  // One half-life after the injection: 80 kg over 200 MBq, so SUV 5 is 12,500 Bq/ml.
  await expect(viewer.corner('br')).toContainText('SUVbw 0 to 5  C 6250  W 12500');
  const box = await viewer.cell().boundingBox();
  if (!box) throw new Error('no cell');
  await page.mouse.move(box.x + box.width / 2 + 2, box.y + box.height / 2 + 2);
  await expect(viewer.probe).toHaveText('33, 25: SUVbw 0.912, 2280 BQML (stored 228)');
  await expect(viewer.fidelity()).not.toContainText('SUV');
  await viewer.press('n');
  await expect(viewer.fidelity()).toContainText("no SUV: Patient's Weight (0010,1030) is missing");
  await viewer.press('1');
  await expect(page.getByText("SUV 0 to 5 is not possible here: Patient's Weight")).toBeVisible();
});

test('mouse: left windows, right zooms, middle pans, a right click asks', async ({ page }) => {
  const viewer = await open(page);
  const before = await viewer.corner('br').textContent();
  await viewer.drag({ x: 300, y: 300 }, { x: 360, y: 300 });
  await expect(viewer.corner('br')).toContainText('C 40  W 480');
  await viewer.drag({ x: 300, y: 300 }, { x: 300, y: 200 }, 'right');
  await expect(viewer.corner('br')).not.toContainText(before?.split('\n')[2] ?? '?');
  const placed = async (): Promise<string | null> => viewer.cell().locator('.picture').getAttribute('style');
  const still = await placed();
  await viewer.drag({ x: 300, y: 300 }, { x: 340, y: 330 }, 'middle');
  expect(await placed()).not.toBe(still);
  // The magnifying glass follows what changes below it.
  await page.keyboard.press('0');
  await page.keyboard.press('g');
  await viewer.cell().hover();
  await page.mouse.down();
  const lens = viewer.cell().locator('.lens');
  const middle = (): Promise<number> =>
    lens.evaluate(
      (canvas: HTMLCanvasElement) =>
        canvas.getContext('2d')?.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[0] ?? -1,
    );
  // Stored 224 or so at the middle slice: black in the header's window, not in one of its own range.
  await expect.poll(middle).toBe(0);
  await page.keyboard.press('Shift+a');
  await expect.poll(middle).toBeGreaterThan(100);
  await page.mouse.up();
  await expect(lens).toHaveCount(0);
  await page.keyboard.press('w');
  await viewer.cell().click({ button: 'right', position: { x: 300, y: 300 } });
  await page.getByRole('menuitem', { name: 'Reset the view' }).click();
  await expect(viewer.corner('br')).toHaveText(before ?? '');
  // A zoom by the wheel is one step back, however many turns it had.
  await page.keyboard.down('Control');
  for (let turn = 0; turn < 3; turn++) await page.mouse.wheel(0, -100);
  await page.keyboard.up('Control');
  await expect(viewer.corner('br')).not.toHaveText(before ?? '');
  await page.keyboard.press('Control+z');
  await expect(viewer.corner('br')).toHaveText(before ?? '');
});

test('own keys: a conflict is told, the key counts at once and after a new start, defaults come back', async ({
  page,
}) => {
  const viewer = await open(page);
  await page.keyboard.press('Control+,');
  const key = page.getByRole('button', { name: /^Key of Invert/ });
  await key.click();
  await page.keyboard.press('h');
  await expect(page.getByRole('alert')).toContainText('H is claimed twice');
  await key.click();
  await page.keyboard.press('F4');
  await expect(page.getByRole('alert')).toHaveCount(0);
  // A button that goes, or has done all it can, leaves the focus near by.
  await page.getByRole('button', { name: 'Default key of Invert' }).press('Enter');
  await expect(key).toBeFocused();
  const allBack = page.getByRole('button', { name: 'All keys back to the defaults' });
  await allBack.press('Enter');
  await expect(allBack).toBeFocused();
  await key.click();
  await page.keyboard.press('F4');
  await page.getByRole('tab', { name: 'Corner text' }).click();
  await page.getByRole('button', { name: 'Remove Zoom from Bottom right' }).press('Enter');
  await expect(page.getByLabel('Add to Bottom right')).toBeFocused();
  await expect(viewer.corner('br')).not.toContainText('%');
  await page.getByRole('tab', { name: 'Mouse' }).click();
  await page.getByLabel('Right button, dragged').selectOption('Window');
  await page.reload();
  await expect(viewer.corner('br')).toContainText('/ 3');
  await expect(viewer.corner('br')).not.toContainText('%');
  await viewer.press('i');
  await expect(viewer.corner('br')).not.toContainText('inverted');
  await viewer.press('F4');
  await expect(viewer.corner('br')).toContainText('inverted');
  await viewer.drag({ x: 300, y: 300 }, { x: 360, y: 300 }, 'right');
  await expect(viewer.corner('br')).toContainText('C 40  W 480');
  await page.keyboard.press('Control+,');
  await allBack.click();
  await page.keyboard.press('Escape');
  await viewer.press('i');
  await expect(viewer.corner('br')).not.toContainText('inverted');
});

test('true size asks once how large a pixel is', async ({ page }) => {
  const viewer = await open(page);
  await page.keyboard.press('u');
  await expect(page.getByLabel('Length in mm')).toBeFocused();
  await page.keyboard.type('80');
  await page.keyboard.press('Enter');
  // 320 pixels are 80 mm; a column is 0.6 mm: 2.4 pixels.
  await expect(viewer.corner('br')).toContainText('true size');
  const scale = await viewer.cell().locator('.picture').evaluate((each) => new DOMMatrix(getComputedStyle(each).transform).a); // prettier-ignore
  expect(scale).toBeCloseTo(2.4, 3);
  await page.keyboard.press('Escape');
  await viewer.press('f');
  await expect(viewer.corner('br')).not.toContainText('true size');
  await viewer.press('u');
  await expect(viewer.corner('br')).toContainText('true size');
  // Measured anew, the images follow; on a monitor that was not measured it is no true size.
  await page.keyboard.press('Control+,');
  await page.getByRole('tab', { name: 'Monitor' }).click();
  await page.getByLabel('Length in mm').fill('100');
  await page.keyboard.press('Enter');
  await expect.poll(() => viewer.cell().locator('.picture').evaluate((each) => new DOMMatrix(getComputedStyle(each).transform).a)).toBeCloseTo(1.92, 3); // prettier-ignore
  await page.keyboard.press('Escape');
  const devtools = await page.context().newCDPSession(page);
  const size = page.viewportSize()!;
  await devtools.send('Emulation.setDeviceMetricsOverride', { ...size, deviceScaleFactor: 1, mobile: false, screenWidth: 2560, screenHeight: 1440 }); // prettier-ignore
  await viewer.press('ArrowDown');
  await expect(viewer.corner('br')).not.toContainText('true size');
});

test('cine runs, tells its rate, changes speed, stops', async ({ page }) => {
  const viewer = await open(page);
  await page.keyboard.press('Space');
  await expect(page.getByTestId('cine-rate')).toHaveText(/^[\d.]+ of 10 frames\/s$/);
  await page.keyboard.press('.');
  await expect(page.getByTestId('cine-rate')).toHaveText(/of 15 frames\/s$/);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('cine-rate')).toHaveCount(0);
  await expect(viewer.corner('br')).toContainText('/ 3');
});

test('cine keeps the pace of the series that stands in the cell', async ({ page }) => {
  const source = path.join(place.path, 'source');
  fs.mkdirSync(source);
  const files = [200, 40].map((frameTimeMs, series) => {
    const file = path.join(source, `cine-${series}.dcm`);
    const bytes = testSlice(0, {
      '00080018': text('UI', `2.25.5${series}`),
      '0020000E': text('UI', `2.25.6${series}`),
      '00200011': text('IS', String(series + 1)),
      '00280008': text('IS', '6'),
      '00181063': text('DS', String(frameTimeMs)),
      '7FE00010': binary('OW', new Uint8Array(6 * 48 * 64 * 2)),
    });
    fs.writeFileSync(file, bytes);
    return file;
  });
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(files);
  await expect(browser.job(/2 stored/)).toBeVisible();
  await browser.row('Müller').dblclick();
  await expect(new ViewerPage(page).corner('br')).toContainText('1 / 6');
  await page.keyboard.press('Space');
  const rate = page.getByTestId('cine-rate');
  await expect(rate).toContainText(/^[2-5][.\d]* of 5 /);
  await page.keyboard.press('n');
  await expect(rate).toContainText(/^(?:[89]|[12]\d)[.\d]* of 25 /);
});

test('a cine runs in the cell it was started in, several at once, and Escape stops them', async ({ page }) => {
  const viewer = await open(page);
  const shownIn = (cell: number) => viewer.corner('br', cell);
  await page.keyboard.press('Alt+2');
  await viewer.series(/./).first().dragTo(viewer.cell(1));
  await expect(shownIn(1)).toContainText('/ 3');
  await page.keyboard.press('End');
  await expect(shownIn(1)).toContainText('3 / 3');
  await viewer.cell(0).click();
  await page.keyboard.press('Space');
  await expect(page.getByTestId('cine-rate')).toContainText('of 10');
  await viewer.cell(1).click();
  await expect(page.getByTestId('cine-rate')).toHaveCount(0);
  // Each picture is seen again while the other cell stays where it was put.
  for (const picture of ['1 / 3', '2 / 3', '3 / 3']) await expect(shownIn(0)).toContainText(picture);
  await expect(shownIn(1)).toContainText('3 / 3');
  await page.keyboard.press('Space');
  for (const picture of ['1 / 3', '2 / 3']) await expect(shownIn(1)).toContainText(picture);
  await expect(page.getByTestId('cine-rate')).toContainText('of 10');
  for (const picture of ['1 / 3', '2 / 3']) await expect(shownIn(0)).toContainText(picture);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('cine-rate')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Play or stop cine' })).toHaveAttribute('aria-pressed', 'false');
});

test('a canvas whose memory was lost is drawn anew when the browser gives it back', async ({ page }) => {
  await open(page);
  const picture = page.locator('canvas.picture').first();
  /** Sum of what is drawn; the loss itself cannot be had from a script, what it leaves can: nothing drawn. */
  const drawn = (): Promise<number> =>
    picture.evaluate((canvas: HTMLCanvasElement) => {
      const data = canvas.getContext('2d', { alpha: false })?.getImageData(0, 0, canvas.width, canvas.height).data;
      return (data ?? new Uint8ClampedArray()).reduce((sum, value, at) => sum + (at % 4 === 3 ? 0 : value), 0);
    });
  await page.keyboard.press('i');
  await expect.poll(drawn).toBeGreaterThan(0);
  const before = await drawn();
  await picture.evaluate((canvas: HTMLCanvasElement) => canvas.getContext('2d', { alpha: false })?.reset());
  expect(await drawn()).toBe(0);
  await picture.dispatchEvent('contextrestored');
  await expect.poll(drawn).toBe(before);
});

test('no screen of the viewer has a serious accessibility fault', async ({ page }) => {
  const viewer = await open(page);
  const states: Record<string, () => Promise<void>> = {
    palette: async () => page.keyboard.press('Control+k'),
    help: async () => page.keyboard.press('?'),
    keys: async () => page.keyboard.press('Control+,'),
    text: async () => page.getByRole('tab', { name: 'Corner text' }).click(),
    windows: async () => page.getByRole('tab', { name: 'Windows' }).click(),
    monitor: async () => page.getByRole('tab', { name: 'Monitor' }).click(),
    attributes: async () => page.keyboard.press('t'),
    lengths: async () => page.keyboard.press('Shift+l'),
    cells: async () => page.keyboard.press('Alt+4'),
    layouts: async () => page.keyboard.press('k'),
  };
  for (const [name, reach] of Object.entries(states)) {
    await reach();
    await viewer.painted();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0]?.html}`)).toEqual([]);
    if (['palette', 'help', 'attributes'].includes(name)) await page.keyboard.press('Escape');
  }
});
