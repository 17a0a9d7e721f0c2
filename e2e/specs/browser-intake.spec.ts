// What comes in and what goes wrong: drops anywhere, discs, encrypted ZIP files, conflicts, jobs over a reload, settings,
// a backend that is away; and no serious accessibility fault on any screen.
import AxeBuilder from '@axe-core/playwright';
import { BlobWriter, Uint8ArrayReader, Uint8ArrayWriter, ZipReader, ZipWriter } from '@zip.js/zip.js';
import { expect, test, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import { placeForEachTest } from '../support/place.ts';
import { writeSmallStudies } from '../support/small-studies.ts';
import { testSlice, writeTestStudy } from '../support/test-study.ts';

let browser: BrowserPage;
const place = placeForEachTest();
test.beforeEach(async ({ page }) => {
  await page.goto(place.invitation);
  browser = new BrowserPage(page);
});

/** Drops a file on whatever screen is shown. */
async function drop(page: Page, selector: string, file: string): Promise<void> {
  const bytes = fs.readFileSync(file).toString('base64');
  const transfer = await page.evaluateHandle(
    ([base64, name]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))], name));
      return data;
    },
    [bytes, path.basename(file)] as const,
  );
  await page.dispatchEvent(selector, 'dragover', { dataTransfer: transfer });
  await expect(page.getByText('Drop folders, discs, files or ZIP files')).toBeVisible();
  await page.dispatchEvent(selector, 'drop', { dataTransfer: transfer });
}

test('a file that cannot be read, as on a scratched disc, is told and holds the others up no longer', async ({
  page,
}) => {
  const files = writeTestStudy(path.join(place.path, 'source'));
  // All but the first are still to be read when one of them goes.
  let isGone = false;
  await page.route('**/api/uploads/*/files*', async (route) => {
    if (!isGone) fs.rmSync(files[5] ?? '');
    isGone = true;
    await route.continue();
  });
  await browser.importFiles(files);
  await expect(browser.job('done: 11 stored, 1 refused')).toBeVisible();
  await browser.job('1 refused').getByRole('button', { name: 'Report' }).click();
  await expect(page.getByText('This is not there any more.')).toBeVisible();
  await expect(page.getByText('The backend does not answer')).toHaveCount(0);
});

/** Drops a folder of `count` files of which all but the first half wait until `window.goOn()`. */
async function dropSlowFolder(page: Page, count: number, file: string): Promise<void> {
  const bytes = fs.readFileSync(file).toString('base64');
  await page.evaluate(
    ([base64, size]) => {
      const content = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      const { promise, resolve } = Promise.withResolvers<void>();
      Object.assign(window, { goOn: resolve });
      const entries = Array.from({ length: size }, (_, index) => ({
        name: `${index}.dcm`,
        isFile: true,
        file: (give: (found: File) => void) =>
          void (index < size / 2 ? Promise.resolve() : promise).then(() => give(new File([content], `${index}.dcm`))),
      }));
      const folder = {
        name: 'DISC',
        isFile: false,
        createReader: () => ({ readEntries: (give: (batch: unknown[]) => void) => give(entries.splice(0, 100)) }),
      };
      const items = [{ kind: 'file', webkitGetAsEntry: () => folder, getAsFile: () => null }];
      const event = new Event('drop', { bubbles: true, cancelable: true });
      document
        .querySelector('.import-area')
        ?.dispatchEvent(Object.assign(event, { dataTransfer: { types: ['Files'], items, files: [] } }));
    },
    [bytes, count] as const,
  );
}

test('a large folder that is dropped says how far it is looked through, and can be cancelled', async ({ page }) => {
  const [file = ''] = writeSmallStudies(path.join(place.path, 'other'));
  await dropSlowFolder(page, 300, file);
  const status = page.getByRole('status').filter({ hasText: 'Looking through what was dropped' });
  await expect(status).toBeVisible();
  await expect(status).toContainText('150 files so far');
  await status.getByRole('button', { name: 'Cancel' }).click();
  await expect(status).toHaveCount(0);
  await page.evaluate(() => (window as unknown as { goOn(): void }).goOn());
  await dropSlowFolder(page, 4, file);
  await page.evaluate(() => (window as unknown as { goOn(): void }).goOn());
  await expect(browser.job(/DISC \(4 files\)/)).toBeVisible();
  await expect(browser.job('done: 1 stored, 3 already here')).toBeVisible();
  await expect(browser.job(/300 files/)).toHaveCount(0);
});

test('files dropped on the viewer come in while it stays open, and are said beside the images with what came of them', async ({
  page,
}) => {
  await browser.importFiles(writeTestStudy(path.join(place.path, 'source')));
  await expect(browser.job('12 stored')).toBeVisible();
  await browser.row('Müller').dblclick();
  await expect(page.locator('.viewer')).toBeVisible();
  const [other = ''] = writeSmallStudies(path.join(place.path, 'other'));
  await page.getByRole('main', { name: 'Viewer' }).focus();
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/api/uploads/*/files*', (route) => held.then(() => route.continue()));
  await drop(page, '.viewer', other);
  const notes = page.getByRole('region', { name: 'Imports' });
  await expect(notes.getByRole('progressbar', { name: /study-0-1/ })).toBeVisible();
  letGo();
  await expect(notes.getByRole('status')).toHaveText('done: 1 stored');
  await notes.getByRole('button', { name: /^Close/ }).press('Enter');
  await expect(notes).toHaveCount(0);
  const cut = path.join(place.path, 'cut.dcm');
  fs.writeFileSync(cut, testSlice(1).subarray(0, 420));
  await drop(page, '.viewer', cut);
  await expect(notes.getByRole('status')).toHaveText('done: 1 refused');
  // Nothing of it over the images.
  const grid = await page.locator('.viewer .grid').boundingBox();
  const box = await notes.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThanOrEqual(grid?.x ?? 0);
  const report = notes.getByRole('button', { name: 'Report of cut.dcm' });
  await report.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Report of cut.dcm' }).getByRole('row')).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(report).toBeFocused();
  await page.goBack();
  await expect(browser.job('1 refused')).toBeVisible();
  await expect(browser.row('Thorax')).toBeVisible();
});

test('studies leave as a ZIP of their original files, from the menu', async ({ page }) => {
  const files = writeSmallStudies(path.join(place.path, 'source'));
  await browser.importFiles(files);
  await expect(browser.job(/12 stored/)).toBeVisible();
  await browser.row('Thorax').click();
  await browser.row('Abdomen').click({ modifiers: ['Control'] });
  await browser.row('Abdomen').click({ button: 'right' });
  const download = page.waitForEvent('download');
  await browser.menu.getByRole('menuitem', { name: 'Export as a ZIP file' }).click();
  const zip = new ZipReader(new Uint8ArrayReader(fs.readFileSync(await (await download).path())));
  const entries = await zip.getEntries();
  expect(entries).toHaveLength(4);
  expect(entries.map(({ filename }) => filename).join()).not.toMatch(/Müller|P-1/);
  const out = await Promise.all(
    entries.map(async (entry) =>
      entry.directory ? '' : Buffer.from(await entry.getData(new Uint8ArrayWriter())).toString('hex'),
    ),
  );
  const wanted = files.map((file) => fs.readFileSync(file).toString('hex'));
  for (const bytes of out) expect(wanted).toContain(bytes);
  await expect(browser.job('4 written')).toBeVisible();
});

test('an encrypted ZIP asks for its password until it is right; each that comes meanwhile is asked for in its turn', async ({
  page,
}) => {
  const dialog = page.getByRole('dialog');
  const wrong = dialog.getByRole('alert').filter({ hasText: 'That password does not open it.' });
  const give = async (name: string, password: string): Promise<void> => {
    await expect(dialog).toContainText(name);
    await page.getByLabel('Password; it is used once and not kept').fill(password);
    await dialog.getByRole('button', { name: 'Import' }).click();
  };
  for (const [index, name] of ['first.zip', 'second.zip'].entries()) {
    const writer = new ZipWriter(new BlobWriter(), { password: `open ${name}`, encryptionStrength: 3 });
    await writer.add('slice.dcm', new Uint8ArrayReader(testSlice(index)));
    const zip = path.join(place.path, name);
    fs.writeFileSync(zip, Buffer.from(await (await writer.close()).arrayBuffer()));
    await browser.importFiles([zip]);
    await expect(browser.job(name)).toContainText('1 refused');
  }
  await expect(dialog).toContainText('first.zip');
  await expect(wrong).toHaveCount(0);
  await give('first.zip', 'wrong');
  await give('second.zip', 'open second.zip');
  await expect(wrong).toBeVisible();
  await give('first.zip', 'open first.zip');
  await expect(dialog).toHaveCount(0);
  // An attempt takes the place of the one before it.
  await expect(page.locator('.job')).toHaveCount(2);
  await expect(browser.job('1 stored')).toHaveCount(2);
});

test('what was refused stays at the foot over a reload until it is closed; its report filters', async ({ page }) => {
  const files = writeTestStudy(path.join(place.path, 'source'));
  const cut = path.join(place.path, 'cut.dcm');
  fs.writeFileSync(cut, testSlice(1).subarray(0, 420));
  await browser.importFiles([...files, cut]);
  await expect(browser.job('1 refused')).toBeVisible();
  await page.reload();
  await browser.job('1 refused').getByRole('button', { name: 'Report' }).click();
  const report = page.getByRole('region', { name: 'Report' });
  await expect(report.getByRole('row')).toHaveCount(14);
  await page.getByLabel('Filter the report by path or reason').fill('cut.dcm');
  await expect(report.getByRole('row')).toHaveCount(2);
  await browser
    .job('1 refused')
    .getByRole('button', { name: /^Close/ })
    .click();
  await expect(browser.job('1 refused')).toHaveCount(0);
  await page.reload();
  await page.getByRole('button', { name: /^Earlier jobs/ }).click();
  await expect(browser.job('1 refused')).toBeVisible();
});

test('a conflict names its instance and source; keeping what is stored empties the quarantine', async ({ page }) => {
  await browser.importFiles(writeTestStudy(path.join(place.path, 'source')));
  await expect(browser.job('12 stored')).toBeVisible();
  const other = path.join(place.path, 'other-content.dcm');
  fs.writeFileSync(other, testSlice(0, { '00081030': { vr: 'LO', values: ['<b>other</b>'] } }));
  await browser.importFiles([other]);
  await expect(browser.row('conflict')).toBeVisible();
  await browser.row('Müller').click();
  await expect(page.locator('.series-notes')).toContainText('1 in quarantine');
  await page.keyboard.press('q');
  const panel = page.getByRole('region', { name: 'Conflicts in quarantine' });
  // No study can be selected meanwhile.
  await expect(page.getByRole('region', { name: 'Series of the selected study' })).toHaveCount(0);
  await expect(panel).toContainText('other-content.dcm');
  await panel.getByRole('button', { name: 'Details' }).click();
  await expect(panel.getByRole('row', { name: /^Instance/ })).toContainText('2.25.2000');
  await panel.getByRole('button', { name: 'Keep what is stored' }).click();
  await panel.getByRole('button', { name: 'Destroy it' }).click();
  await expect(panel).toContainText('Nothing is in quarantine');
  await page.keyboard.press('Escape');
  await expect(browser.row('conflict')).toHaveCount(0);
  await expect(browser.row('Müller')).toBeVisible();
});

test('settings by key: limits are checked and kept, a folder is watched, the archive is verified', async ({ page }) => {
  await browser.importFiles(writeTestStudy(path.join(place.path, 'source')));
  await expect(browser.row('Müller')).toBeVisible();
  await page.keyboard.press('Control+,');
  const size = page.getByLabel('At most, in GB');
  await size.fill('many');
  await expect(page.getByRole('button', { name: 'Save the rules' })).toBeDisabled();
  await size.fill('250,5');
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await expect(page.getByText('Saved.', { exact: true })).toBeVisible();
  const watched = path.join(place.path, 'watched');
  fs.mkdirSync(watched);
  await page.getByLabel('Folder on the machine that runs Lectern').fill(watched);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.locator('.plain-list .path')).toHaveText(watched);
  await page.getByRole('button', { name: 'Verify now' }).click();
  await expect(page.getByText('12 files intact, 0 damaged')).toBeVisible();
  await expect(page.getByText('The chain of records is whole.')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('At most, in GB')).toHaveValue('250.5');
  await page.getByRole('button', { name: 'Studies', exact: true }).click();
  await expect(browser.search).toBeFocused();
});

test('the form of a node and what asks before it is removed give the focus back', async ({ page }) => {
  await expect(browser.search).toBeFocused();
  await page.keyboard.press('Control+,');
  const add = page.getByRole('button', { name: 'Add a node' });
  await add.press('Enter');
  await page.keyboard.press('Escape');
  await expect(add).toBeFocused();
  await add.press('Enter');
  const form = page.getByRole('form', { name: 'New node' });
  await form.getByLabel('Name', { exact: true }).fill('Gone');
  await form.getByLabel('AE title', { exact: true }).fill('GONE');
  await form.getByLabel('Host').fill('127.0.0.1');
  await form.getByRole('button', { name: 'Save', exact: true }).press('Enter');
  await expect(add).toBeFocused();
  const edit = page.getByRole('button', { name: 'Edit Gone' });
  await edit.press('Enter');
  await page.keyboard.press('Escape');
  await expect(edit).toBeFocused();
  const remove = page.getByRole('button', { name: 'Remove Gone', exact: true });
  await remove.press('Enter');
  await page.getByRole('button', { name: 'Keep', exact: true }).press('Enter');
  await expect(remove).toBeFocused();
  await remove.press('Enter');
  const forGood = page.getByRole('button', { name: 'Remove Gone for good' });
  await expect(forGood).toBeFocused();
  // Escape answers what is asked, and leaves the settings only after that.
  await page.keyboard.press('Escape');
  await expect(remove).toBeFocused();
  const settings = page.getByRole('main', { name: 'Settings' });
  for (const rule of ['First', 'Second']) {
    await settings.getByRole('button', { name: 'Add a rule' }).press('Enter');
    const fields = page.getByRole('form', { name: 'New routing rule' });
    await fields.getByLabel('Name', { exact: true }).fill(rule);
    await fields.getByRole('button', { name: 'Add the rule' }).press('Enter');
    await expect(settings.getByRole('button', { name: `Remove the rule ${rule}` })).toBeVisible();
  }
  await settings.getByRole('button', { name: 'Remove the rule Second' }).press('Enter');
  await expect(settings.getByRole('button', { name: 'Remove the rule First' })).toBeFocused();
  await settings.getByRole('button', { name: 'Remove the rule First' }).press('Enter');
  await expect(settings.getByText('Nothing is sent on by itself.')).toBeVisible();
  await expect(settings.locator(':focus')).toHaveCount(1);
  await remove.press('Enter');
  await forGood.press('Enter');
  await expect(page.getByRole('listitem', { name: 'Gone' })).toHaveCount(0);
  await expect(settings.locator(':focus')).toHaveCount(1);
});

test('a backend that went away is said, and the list stays', async ({ page }) => {
  await browser.importFiles(writeTestStudy(path.join(place.path, 'source')));
  await expect(browser.row('Müller')).toBeVisible();
  await place.stop();
  await expect(page.getByRole('alert').first()).toContainText('The backend does not answer');
  await browser.search.fill('jörg');
  await expect(browser.rows).toHaveCount(1);
});

test('no screen has a serious accessibility fault', async ({ page }) => {
  const check = async (screen: string): Promise<void> => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${screen}: ${id}: ${nodes[0]?.html}`),
    ).toEqual([]);
  };
  await check('start page');
  await browser.importFiles(writeSmallStudies(path.join(place.path, 'source')));
  await browser.row('Thorax').click();
  await expect(browser.seriesCards).toHaveCount(2);
  await check('table');
  await page.keyboard.press('Shift+F10');
  await check('menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+g');
  await expect(browser.patients.first()).toBeVisible();
  await check('patients');
  await page.keyboard.press('c');
  await check('columns');
  await page.keyboard.press('Escape');
  await page.keyboard.press('q');
  await expect(page.getByText('Nothing is in quarantine.')).toBeVisible();
  await check('conflicts');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+,');
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await check('settings');
});
