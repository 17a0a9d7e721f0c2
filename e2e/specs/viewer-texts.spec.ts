// What stands on and beside the images: whose they are, at every size of window and cell, and which key does what.
import { expect, test, type Page } from '@playwright/test';
import { BrowserPage } from '../pages/browser-page.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { text } from '../../shared/testing/dicom-builder.ts';
import { placeForEachTest } from '../support/place.ts';
import { writeSeries } from '../support/three-series.ts';

const place = placeForEachTest();

async function open(page: Page, changed: Parameters<typeof writeSeries>[1] = {}): Promise<ViewerPage> {
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(writeSeries(place.path, changed));
  await expect(browser.job(/9 stored/)).toBeVisible();
  await browser.rows.first().dblclick();
  const viewer = new ViewerPage(page);
  await expect(viewer.corner('br')).toContainText('/ 3');
  return viewer;
}

test('a long name is whole beside the images, and what the picture is not never covers whose it is', async ({
  page,
}) => {
  const family = 'Wolfeschlegelsteinhausenbergerdorff-Montgomery';
  // Not calibrated, and lossy: remarks on the picture.
  const viewer = await open(page, {
    '00100010': text('PN', `${family}^Hubertus Blaine`),
    '00280030': text('DS'),
    '00282110': text('CS', '01'),
  });
  await page.setViewportSize({ width: 1024, height: 700 });
  await viewer.press('Alt+4');
  await viewer.press('Shift+k');
  await expect(viewer.fidelity()).toContainText('not calibrated');
  await expect(viewer.cell().locator('.key-mark')).toHaveText('★ Key image');
  const identity = page.getByRole('region', { name: 'Patient and study' });
  await expect(identity).toContainText(`${family}, Hubertus Blaine`);
  await expect(identity).toContainText('P-4711');
  const isWhole = (element: Element): boolean =>
    element.scrollWidth <= element.clientWidth && element.scrollHeight <= element.clientHeight;
  expect(await identity.evaluate(isWhole)).toBe(true);
  for (const layout of ['Alt+4', 'Alt+9', 'Alt+0']) {
    await viewer.press(layout);
    expect(await viewer.corner('tl').evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
    const bottom = (await viewer.corner('tl').boundingBox()) ?? { y: 0, height: Infinity };
    const mark = (await viewer.cell().locator('.key-mark').boundingBox()) ?? { y: 0, height: 0 };
    const remark = (await viewer.fidelity().boundingBox()) ?? { y: 0, height: 0 };
    expect(mark.y).toBeGreaterThanOrEqual(bottom.y + bottom.height);
    expect(remark.y).toBeGreaterThanOrEqual(mark.y + mark.height);
  }
  await viewer.press('Alt+4');
  expect(await viewer.corner('tl').evaluate(isWhole)).toBe(true);
  expect(await viewer.corner('tr').evaluate(isWhole)).toBe(true);
});

/** Of each line that is in sight in the corners of the first cell: its text, and whether all of it can be read. */
const linesInSight = (viewer: ViewerPage): Promise<{ text: string; isWhole: boolean }[]> =>
  viewer.cell().evaluate((cell) =>
    [...cell.querySelectorAll('[data-corner]')].flatMap((corner) => {
      const box = corner.getBoundingClientRect();
      return [...corner.children]
        .map((line) => ({ line, at: line.getBoundingClientRect() }))
        .filter(({ at }) => at.height > 0 && at.left < box.right - 0.5)
        .map(({ line, at }) => ({
          text: line.textContent.trim(),
          isWhole:
            line.scrollHeight <= line.clientHeight &&
            line.scrollWidth <= line.clientWidth &&
            at.bottom <= box.bottom &&
            at.right <= box.right,
        }));
    }),
  );

test('a patient ID is whole at every size of cell, and nothing that is whole ends in dots', async ({ page }) => {
  const id = 'HOSPITAL-NORTH-0000000000000207';
  const viewer = await open(page, { '00100020': text('LO', id) });
  for (const [width, height] of [
    [1280, 800],
    [1024, 700],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const layout of ['Alt+1', 'Alt+4', 'Alt+9', 'Alt+0']) {
      await viewer.press(layout);
      const lines = await linesInSight(viewer);
      expect(lines).toContainEqual({ text: id, isWhole: true });
      expect(lines.filter(({ isWhole }) => !isWhole)).toEqual([]);
    }
  }
});

test('of more corner texts than there is room for, those in sight are whole lines', async ({ page }) => {
  const viewer = await open(page);
  const person = ['Patient name', 'Patient ID', 'Birth date, sex, age'];
  const exam = ['Study description', 'Series description', 'Series number', 'Study date and time', 'Accession number'];
  const shown = ['Slice of slices', 'Window', 'Zoom', 'Slice position'];
  const all = [...person, ...exam, ...shown];
  await page.evaluate((overlay) => localStorage.setItem('lectern.pending.viewer', JSON.stringify({ overlay })), {
    CT: { tl: all, tr: all.toReversed(), bl: all, br: all },
  });
  await page.reload();
  await expect(viewer.corner('br')).toContainText('/ 3');
  await page.setViewportSize({ width: 1280, height: 520 });
  for (const layout of ['Alt+1', 'Alt+2', 'Alt+4', 'Alt+0']) {
    await viewer.press(layout);
    const lines = await linesInSight(viewer);
    expect(lines).toContainEqual({ text: 'P-4711', isWhole: true });
    expect(lines.length).toBeLessThan(4 * all.length);
    expect(lines.filter(({ isWhole }) => !isWhole)).toEqual([]);
  }
  await viewer.press('Alt+1');
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect.poll(async () => (await linesInSight(viewer)).length).toBe(4 * all.length);
});

test('which day, which side and an inverted picture are told in every cell, and no text runs under another', async ({
  page,
}) => {
  const viewer = await open(page, {
    '00080060': text('CS', 'MG'),
    '00200062': text('CS', 'R'),
    '00185101': text('CS', 'MLO'),
    '0008103E': text('LO', 'A series whose description is a good deal longer than the cell is wide'),
  });
  await viewer.press('i');
  const told = async (): Promise<unknown> => {
    const lines = (await linesInSight(viewer)).filter(({ isWhole }) => isWhole).map((line) => line.text);
    return ['P-4711', /^2024-05-17/, 'R  MLO', /inverted$/, /^\d \/ 3$/].map(
      (wanted) =>
        lines.find((line) => (typeof wanted === 'string' ? line === wanted : wanted.test(line))) !== undefined,
    );
  };
  const all = Array.from({ length: 5 }, () => true);
  for (const [width, height] of [
    [2560, 1440],
    [1280, 800],
    [640, 800],
    [1024, 600],
  ] as const) {
    await page.setViewportSize({ width, height });
    // A panel leaves a window this narrow no room for pictures.
    for (const layout of ['Alt+1', 'Alt+2', 'Alt+9', 'Alt+0', ...(width > 640 ? ['Alt+2 t'] : [])]) {
      for (const key of layout.split(' ')) await viewer.press(key);
      await expect.poll(told, `${layout} at ${width} x ${height}`).toEqual(all);
      expect(await textsAcross(viewer), `${layout} at ${width} x ${height}`).toEqual([]);
      if (layout.endsWith('t')) await page.getByTitle(/^Close the panel/).click();
    }
  }
});

/** Pairs of corner texts of the first cell that lie one over the other. */
const textsAcross = (viewer: ViewerPage): Promise<string[]> =>
  viewer.cell().evaluate((cell) => {
    const boxes = [...cell.querySelectorAll('.corner')]
      .map((corner) => ({ name: corner.className, at: corner.getBoundingClientRect() }))
      .filter(({ at }) => at.width > 0 && at.height > 0);
    return boxes.flatMap((one, index) =>
      boxes
        .slice(index + 1)
        .filter(
          ({ at }) =>
            at.left < one.at.right - 0.5 &&
            one.at.left < at.right - 0.5 &&
            at.top < one.at.bottom - 0.5 &&
            one.at.top < at.bottom - 0.5,
        )
        .map(({ name }) => `${one.name} and ${name}`),
    );
  });

test('the list of windows is walked by key; where a key is named, it is the one that was chosen', async ({ page }) => {
  const viewer = await open(page);
  await viewer.windows.focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem', { name: 'Weich' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(viewer.corner('br')).toContainText('C -600  W 1500');
  await expect(viewer.windows).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Weich D' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(viewer.windows).toBeFocused();
  // Other keys.
  await page.evaluate(() =>
    localStorage.setItem(
      'lectern.pending.viewer',
      JSON.stringify({ keys: { 'window.header': ['y'], 'preset.1': [], 'cine.faster': ['F8'], tags: ['Shift+t'] } }),
    ),
  );
  await page.reload();
  await expect(viewer.corner('br')).toContainText('/ 3');
  await viewer.windows.click();
  await expect(page.getByRole('menuitem', { name: 'Weich Y' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Brain', exact: true })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Subdural 2' })).toBeVisible();
  await page.keyboard.press('Escape');
  await viewer.press('Space');
  await expect(page.getByRole('button', { name: 'Faster' })).toHaveAttribute('title', 'Faster (F8)');
  await viewer.press('Shift+t');
  await expect(page.getByTitle('Close the panel (Shift+T)')).toBeVisible();
});

test('the series that is read is in sight and marked among the others; a small cell says which it has', async ({
  page,
}) => {
  const viewer = await open(page);
  await page.setViewportSize({ width: 1024, height: 420 });
  const current = page.getByRole('navigation', { name: 'Series' }).locator('[aria-current=true]');
  await expect(current).toContainText('Axial');
  await viewer.press('n');
  await viewer.press('n');
  await expect(current).toContainText('Coronal');
  await expect(current).toBeInViewport({ ratio: 0.9 });
  await viewer.press('Alt+0');
  await expect(viewer.cell(1).getByText('CT 1 Axial')).toBeVisible();
  await expect(current).toContainText('Coronal');
  await viewer.press('Control+ArrowRight');
  await expect(current).toContainText('Axial');
  await expect(current).toBeInViewport({ ratio: 0.9 });
});

test('what opens over or beside the images has the focus, and gives it back to where it was', async ({ page }) => {
  const viewer = await open(page);
  const images = page.getByRole('main', { name: 'Viewer' });
  const opened = {
    k: page.getByRole('button', { name: '1 x 1', exact: true }),
    'Control+k': page.getByRole('combobox', { name: 'Find a command' }),
    '?': page.getByRole('dialog', { name: 'Keys and mouse' }).getByRole('button', { name: 'Close (Esc)' }),
  };
  for (const before of [images, viewer.windows])
    for (const [key, inside] of Object.entries(opened)) {
      await before.focus();
      await viewer.press(key);
      await expect(inside).toBeFocused();
      await viewer.press('Escape');
      await expect(before).toBeFocused();
    }
  await viewer.press('Control+,');
  await expect(page.getByRole('tab', { name: 'Keys' })).toBeFocused();
  await viewer.press('Escape');
  await expect(images).toBeFocused();
  // What is typed at once is looked for, and runs no command.
  await page.keyboard.type('tirol');
  await expect(page.getByRole('searchbox', { name: 'Search attributes' })).toHaveValue('irol');
  await viewer.press('Escape');
  await expect(images).toBeFocused();
  await expect(viewer.corner('br')).not.toContainText('inverted');
});

test('the window is called after the images and their day, and by no name of a patient', async ({ page }) => {
  const viewer = await open(page);
  await expect(page).toHaveTitle('CT 2024-05-17 - Lectern');
  await viewer.press('Escape');
  await expect(page).toHaveTitle('Lectern');
});

test('the layouts to choose from hang below their button, within the window', async ({ page }) => {
  const viewer = await open(page);
  const button = page.getByRole('button', { name: /^Choose a layout/ });
  for (const width of [640, 853, 979, 1280]) {
    await page.setViewportSize({ width, height: 533 });
    await viewer.press('k');
    const picker = page.getByRole('dialog', { name: 'Layout' });
    await expect(picker).toBeInViewport({ ratio: 1 });
    const [above, below] = [await button.boundingBox(), await picker.boundingBox()];
    expect(Math.abs((below?.y ?? 0) - (above?.y ?? 0) - (above?.height ?? 0) - 8)).toBeLessThan(4);
    await viewer.press('Escape');
  }
});
