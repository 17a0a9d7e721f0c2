// The study table by hand and by key: columns, order, search, patients, selection, menus, what is remembered.
import { expect, test, type Page } from '@playwright/test';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import { runCli } from '../support/lectern.ts';
import { text } from '../../shared/testing/dicom-builder.ts';
import { placeForEachTest } from '../support/place.ts';
import { SMALL_STUDIES, writeSmallStudies } from '../support/small-studies.ts';
import { writeSeries } from '../support/three-series.ts';

let browser: BrowserPage;
const place = placeForEachTest(async (folder) => {
  writeSmallStudies(path.join(folder, 'source'));
  await runCli(folder, ['import', path.join(folder, 'source')]);
});
test.beforeEach(async ({ page }) => {
  await page.goto(place.invitation);
  browser = new BrowserPage(page);
  await expect(browser.rows).toHaveCount(SMALL_STUDIES.length);
});

/** Loads the page again and waits for its list. */
async function reload(page: Page): Promise<void> {
  await page.reload();
  await expect(browser.rows.first()).toBeVisible();
}

/** What the page has written down of the browser's preferences. */
const remembered = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const opening = indexedDB.open('lectern');
        opening.onerror = () => reject(new Error('no database'));
        opening.onsuccess = () => {
          const asked = opening.result.transaction('settings').objectStore('settings').get('browser.view');
          asked.onsuccess = () => {
            opening.result.close();
            resolve(JSON.stringify(asked.result));
          };
        };
      }),
  );

test('each keystroke narrows; prefixes, dates, scripts and chips; how it was understood is said', async ({ page }) => {
  await browser.search.pressSequentially('mul');
  await expect(browser.rows).toHaveCount(1);
  await expect(browser.rows).toContainText('Müller, Jörg');
  for (const [text, count] of [
    ['mueller', 2],
    ['ヤマダ', 1],
    ['山田', 1],
    ['id:P-3', 2],
    ['issuer:south', 1],
    ['2022..2023', 3],
    ['desc:spine', 1],
    ['CT MR', 4],
  ] as const) {
    await browser.search.fill(text);
    await expect(browser.rows, text).toHaveCount(count);
  }
  await expect(page.getByText('modality CT or MR')).toBeVisible();
  await browser.search.fill('is:nonsense');
  await expect(page.getByText('Left out: is:nonsense')).toBeVisible();
  await browser.search.fill('nobody at all');
  await page.getByRole('button', { name: `Show all ${SMALL_STUDIES.length}` }).click();
  await browser.chip('US').click();
  await expect(browser.search).toHaveValue('US');
  await expect(browser.rows).toHaveCount(1);
  await browser.chip('US').click();
  await expect(browser.rows).toHaveCount(SMALL_STUDIES.length);
});

test('rows stay under the pointer when one is selected: the lowest opens by a double click', async ({ page }) => {
  const strip = page.getByRole('region', { name: 'Series of the selected study' });
  const before = await strip.boundingBox();
  await expect(strip).toContainText('press Down in the search');
  await browser.rows.first().click();
  await expect(browser.seriesCards).toHaveCount(2);
  expect(await strip.boundingBox()).toEqual(before);
  await reload(page);
  await page.setViewportSize({ width: 1280, height: 500 });
  const lowest = await browser.rows.last().boundingBox();
  await page.mouse.dblclick((lowest?.x ?? 0) + 40, (lowest?.y ?? 0) + 14);
  await expect(page.getByRole('main', { name: 'Viewer' })).toBeVisible();
});

test('in a small window every filter is whole and can be pressed', async ({ page }) => {
  await page.setViewportSize({ width: 400, height: 300 });
  const filters = page.locator('.filters');
  for (const chip of await filters.locator('.chip').all()) {
    const [box, whole] = [await chip.boundingBox(), await filters.boundingBox()];
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual((whole?.y ?? 0) + (whole?.height ?? 0));
  }
  await browser.chip('US').click();
  await expect(browser.rows).toHaveCount(1);
});

test('order by one and two columns, columns moved, hidden and sized by key, all remembered', async ({ page }) => {
  expect((await browser.column('studyDate')).map((date) => date.slice(0, 4))).toEqual([
    '2024',
    '2023',
    '2023',
    '2022',
    '2021',
    '2020',
  ]);
  await browser.head('Patient ID').getByRole('button').click();
  await browser
    .head('Study date')
    .getByRole('button')
    .click({ modifiers: ['Shift'] });
  expect(await browser.column('patientId')).toEqual(['P-1', 'P-1', 'P-2', 'P-3', 'P-3', '']);
  expect((await browser.column('studyDate'))[0]).toContain('2024');
  await browser.head('Patient ID').getByRole('button').focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await page.keyboard.press('Alt+ArrowLeft');
  await page.keyboard.press('Shift+ArrowRight');
  await browser.head('Accession').getByRole('button').focus();
  await page.keyboard.press('Delete');
  await browser.table.focus();
  await page.keyboard.press('c');
  await page.getByRole('dialog', { name: 'Columns' }).getByLabel('Issuer of ID', { exact: true }).check();
  await page.getByRole('dialog', { name: 'Columns' }).getByLabel('Body part', { exact: true }).check();
  await page.keyboard.press('Escape');
  await expect(browser.table).toBeFocused();
  await expect.poll(() => remembered(page)).toContain('issuer');
  for (const isAgain of [false, true]) {
    if (isAgain) await reload(page);
    await expect(page.getByRole('columnheader').first()).toHaveText(/Patient ID/);
    await expect(browser.head('Accession')).toHaveCount(0);
    await expect(browser.head('Issuer of ID')).toBeVisible();
    expect(await browser.column('bodyParts')).toContain('THORAX');
    await expect(browser.head('Patient ID')).toHaveAttribute('aria-sort', 'ascending');
    await expect.poll(async () => (await browser.head('Patient ID').boundingBox())?.width).toBe(124);
  }
});

test('the edge of a column follows the pointer, however briskly it is dragged, and moves no column', async ({
  page,
}) => {
  const name = page.getByRole('columnheader').first();
  const order = await page.getByRole('columnheader').allInnerTexts();
  const before = await name.boundingBox();
  const grip = await name.locator('.column-grip').boundingBox();
  if (!before || !grip) throw new Error('no column');
  const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (const by of [20, 40, 60, 80]) await page.mouse.move(x + by, y);
  await page.mouse.up();
  expect((await name.boundingBox())?.width).toBe(before.width + 80);
  expect(await page.getByRole('columnheader').allInnerTexts()).toEqual(order);
});

test('a column that is hidden hands the focus to the one beside it', async ({ page }) => {
  const heads = page.getByRole('columnheader');
  const count = await heads.count();
  const first = heads.first().getByRole('button');
  await first.focus();
  await page.keyboard.press('Delete');
  await expect(heads).toHaveCount(count - 1);
  await expect(first).toBeFocused();
  await page.keyboard.press('Shift+F10');
  await browser.menu.getByRole('menuitem', { name: /^Hide/ }).press('Enter');
  await expect(heads).toHaveCount(count - 2);
  await expect(first).toBeFocused();
  const last = heads.last().getByRole('button');
  await last.focus();
  await page.keyboard.press('Delete');
  await expect(heads).toHaveCount(count - 3);
  await expect(last).toBeFocused();
  await expect(page.locator('.column-head button[tabindex="0"]')).toBeFocused();
});

test('patients are Patient ID and issuer, with all their studies, folded by key', async ({ page }) => {
  await page.keyboard.press('Control+g');
  await expect(browser.patients).toHaveCount(5);
  await expect(browser.patients.filter({ hasText: 'P-1' })).toContainText('2 studies');
  await expect(browser.patients.filter({ hasText: 'P-1' })).toContainText('same ID, other name in 1');
  await expect(browser.patients.filter({ hasText: 'Same, Name' })).toHaveCount(2);
  await expect(browser.patients.filter({ hasText: 'Nobody' })).toContainText('no patient ID');
  await browser.search.fill('jörg 2024');
  await expect(browser.rows).toHaveCount(2);
  await expect(browser.patients).toContainText('1 found');
  await browser.search.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  await expect(browser.rows).toHaveCount(0);
  await expect(browser.patients).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('ArrowRight');
  await expect(browser.rows).toHaveCount(2);
  await browser.search.fill('');
  await browser.row('Pelvis').click();
  await page.keyboard.press('h');
  await expect(browser.search).toHaveValue('id:"P-3" issuer:"SOUTH"');
  await expect(browser.rows).toHaveCount(1);
});

test('ranges, toggles, pin and remove with what goes named; the menu by key gives the focus back', async ({ page }) => {
  await browser.rows.nth(1).click();
  await browser.rows.nth(3).click({ modifiers: ['Shift'] });
  await expect(browser.selectedRows).toHaveCount(3);
  await browser.rows.nth(2).click({ modifiers: ['Control'] });
  await expect(browser.selectedRows).toHaveCount(2);
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(browser.selectedRows).toHaveCount(2);
  await expect(page.getByText('2 selected')).toBeVisible();
  await page.keyboard.press('Shift+F10');
  await expect(browser.menu.getByRole('menuitem', { name: 'Open: choose one study' })).toBeDisabled();
  await expect(browser.menu.getByRole('menuitem', { disabled: false }).first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(browser.menu).toHaveCount(0);
  await expect(browser.table).toBeFocused();
  await page.keyboard.press('p');
  await expect(page.locator('.study-row .tag', { hasText: 'pinned' })).toHaveCount(2);
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+F10');
  await page.keyboard.press('ArrowUp');
  await expect(browser.menu.getByRole('menuitem', { name: /^Remove/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('Mueller, Joerg');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(browser.rows).toHaveCount(SMALL_STUDIES.length - 1);
  await expect(browser.row('Mueller, Joerg')).toHaveCount(0);
});

test('searches are saved, applied by key, renamed, deleted, and remembered', async ({ page }) => {
  await browser.search.fill('CT 2023');
  await page.keyboard.press('Control+s');
  await page.getByLabel('Name of the saved search').fill('Spines');
  await page.keyboard.press('Enter');
  await browser.search.fill('');
  await expect.poll(() => remembered(page)).toContain('Spines');
  await reload(page);
  await page.keyboard.press('Alt+1');
  await expect(browser.search).toHaveValue('CT 2023');
  await expect(browser.rows).toHaveCount(1);
  await browser.chip('Spines').focus();
  await page.keyboard.press('F2');
  await page.getByLabel('New name of Spines').fill('Backs');
  await page.keyboard.press('Enter');
  await expect(browser.chip('Backs')).toBeFocused();
  await page.keyboard.press('F2');
  await page.keyboard.press('Escape');
  await expect(browser.chip('Backs')).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(browser.chip('Backs')).toHaveCount(0);
  // In the place where it stood, until the focus goes elsewhere.
  const undo = page.getByRole('button', { name: 'Undo: bring Backs back' });
  await expect(undo).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(browser.chip('Backs')).toBeFocused();
  await expect.poll(() => remembered(page)).toContain('Backs');
  await browser.chip('Backs').click({ button: 'right' });
  await browser.menu.getByRole('menuitem', { name: /^Delete/ }).click();
  await expect(undo).toBeFocused();
  await browser.search.focus();
  await expect(undo).toHaveCount(0);
  await expect.poll(() => remembered(page)).not.toContain('Backs');
  await reload(page);
  await expect(browser.chip('Backs')).toHaveCount(0);
});

test('a saved search has a name of its own, or is told why not', async ({ page }) => {
  const name = page.getByLabel('Name of the saved search');
  const save = async (text: string, chosen: string): Promise<void> => {
    await browser.search.fill(text);
    await page.keyboard.press('Control+s');
    await name.fill(chosen);
    await page.keyboard.press('Enter');
  };
  await save('CT', 'Mine');
  await expect(browser.chip('Mine')).toBeFocused();
  await save('MR', '   ');
  await expect(page.getByRole('alert')).toContainText('It needs a name');
  await name.fill(' mINE ');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('There is “Mine” already');
  await page.keyboard.press('Escape');
  await expect(browser.search).toBeFocused();
  await expect(browser.chip('Mine')).toHaveCount(1);
});

test('the saved searches at other systems are named, deleted and brought back the same way', async ({ page }) => {
  await page.goto(`${new URL(page.url()).origin}/#/search`);
  const place = page.getByRole('main', { name: 'Search at other systems' });
  await place.getByLabel('Patient ID', { exact: true }).fill('P-1');
  const name = page.getByLabel('Name of the saved search');
  const mine = place.locator('.chip.saved', { hasText: 'Mine' });
  for (const refusal of [undefined, 'There is “Mine” already']) {
    await page.keyboard.press('Control+s');
    await name.press('Enter');
    await expect(page.getByRole('alert')).toContainText('It needs a name');
    await name.fill('Mine');
    await name.press('Enter');
    if (refusal === undefined) await expect(mine).toBeFocused();
    else await expect(page.getByRole('alert')).toContainText(refusal);
  }
  await name.press('Escape');
  await expect(mine).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(mine).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(mine).toBeFocused();
});

test('the keys of saved searches are those of the browser alone: in the viewer they choose the layout', async ({
  page,
}) => {
  await browser.search.fill('Thorax');
  await page.keyboard.press('Control+s');
  await page.keyboard.press('Enter');
  await expect(browser.chip('Thorax')).toBeFocused();
  await browser.search.fill('');
  await browser.row('Thorax').dblclick();
  await expect(page.locator('.cell')).toHaveCount(1);
  await page.keyboard.press('Alt+4');
  await expect(page.locator('.cell')).toHaveCount(4);
  await page.keyboard.press('Alt+1');
  await expect(page.locator('.cell')).toHaveCount(1);
  await page.keyboard.press('b');
  await expect(browser.search).toHaveValue('');
});

test('what two windows save and set does not take each other’s away', async ({ page, context }) => {
  const other = await context.newPage();
  await other.goto(page.url());
  const beside = new BrowserPage(other);
  await expect(beside.row('Thorax')).toBeVisible();
  await browser.search.fill('CT 2023');
  await page.keyboard.press('Control+s');
  await page.getByLabel('Name of the saved search').fill('Spines');
  await page.keyboard.press('Enter');
  await expect(beside.chip('Spines')).toBeVisible();
  // All that is remembered is written at once.
  await beside.head('Patient').getByRole('button').first().click();
  await expect.poll(() => remembered(other)).toContain('"key":"patientName"');
  await reload(page);
  await expect(browser.chip('Spines')).toBeVisible();
});

test('a series opens from the strip by key, and one key goes back and forth', async ({ page }) => {
  await browser.row('Thorax').click();
  await expect(browser.seriesCards).toHaveCount(2);
  await expect(browser.seriesCards.first()).toContainText('Series 1');
  await browser.seriesCards.first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(browser.seriesCards.nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/study\/2\.25\.90\/2\.25\.90\.2$/);
  await expect(page.locator('.rail .series-card[data-shown=true]')).toContainText('Series 2');
  await page.goBack();
  await expect(browser.search).toBeFocused();
  await browser.table.focus();
  await page.keyboard.press('b');
  await expect(page).toHaveURL(/#\/study\/2\.25\.90$/);
});

test('on a wide screen what identifies has its share of the width, until a person sizes it', async ({ page }) => {
  const [id, accession] = ['HOSPITAL-NORTH-0000000000000207', 'ACC-000000000042'];
  await browser.importFiles(writeSeries(place.path, { '00100020': text('LO', id), '00080050': text('SH', accession) }));
  await expect(browser.rows).toHaveCount(SMALL_STUDIES.length + 1);
  const cells = [id, accession].map((value) => browser.row(id).getByText(value, { exact: true }));
  const isWhole = (cell: Element): boolean => cell.scrollWidth <= cell.clientWidth;
  await page.setViewportSize({ width: 2560, height: 1440 });
  for (const cell of cells) expect(await cell.evaluate(isWhole)).toBe(true);
  const width = async (): Promise<number | undefined> => (await browser.head('Patient ID').boundingBox())?.width;
  const before = (await width()) ?? 0;
  await browser.head('Patient ID').getByRole('button').press('Shift+ArrowRight');
  await expect.poll(width).toBe(Math.round(before) + 16);
  await page.setViewportSize({ width: 1280, height: 800 });
  expect(await width()).toBe(Math.round(before) + 16);
});
