// The first journey: import by hand, find by three letters, open, read.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { placeForEachTest } from '../support/place.ts';
import { storedAt, TEST_STUDY, testSlice, writeTestStudy } from '../support/test-study.ts';

const place = placeForEachTest();

test('import, find by three letters, open with Enter, scroll, window, letters, back', async ({ page }) => {
  const violations: string[] = [];
  page.on(
    'console',
    (message) => message.text().includes('Content Security Policy') && violations.push(message.text()),
  );
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await expect(page.getByRole('heading', { name: 'The archive is empty' })).toBeVisible();

  await browser.importFiles(writeTestStudy(path.join(place.path, 'source')));
  await expect(browser.job(/12 stored/)).toBeVisible();
  await expect(browser.row('Müller, Jörg')).toContainText('P-4711');

  await browser.search.fill('mül');
  await expect(browser.rows).toHaveCount(1);
  await browser.search.fill('nobody');
  await expect(browser.rows).toHaveCount(0);
  await browser.search.fill('小東');
  await expect(browser.rows).toHaveCount(1);
  await page.keyboard.press('Enter');

  const viewer = new ViewerPage(page);
  await expect(viewer.corner('br')).toContainText(`7 / ${TEST_STUDY.slices}`);
  await expect(viewer.corner('tl')).toContainText('Müller, Jörg');
  await expect(viewer.cell().locator('.fidelity')).toHaveText('');
  for (const [edge, letters] of [
    ['left', 'R'],
    ['right', 'L'],
    ['top', 'AF'],
    ['bottom', 'PH'],
  ] as const)
    await expect(viewer.edge(edge)).toHaveText(letters);
  await page.keyboard.press('h');
  await expect(viewer.edge('left')).toHaveText('L');
  await page.keyboard.press('Control+z');
  await expect(viewer.edge('left')).toHaveText('R');

  await page.keyboard.press('Home');
  await expect(viewer.corner('br')).toContainText(`1 / ${TEST_STUDY.slices}`);
  // The middle of the picture, through window 600 / 1200 of the header (PS3.3 C.11.2.1.2.1).
  const value = storedAt(0, TEST_STUDY.rows / 2, TEST_STUDY.columns / 2);
  const expected = ((value - 599.5) / 1199 + 0.5) * 255;
  expect(Math.abs((await viewer.greyAt(0.501, 0.501)) - expected)).toBeLessThanOrEqual(1);
  await page.keyboard.press('i');
  await expect(viewer.corner('br')).toContainText('inverted');
  expect(Math.abs((await viewer.greyAt(0.501, 0.501)) - (255 - expected))).toBeLessThanOrEqual(1);

  await viewer.cell().hover();
  await page.mouse.wheel(0, 100);
  await expect(viewer.corner('br')).toContainText(`2 / ${TEST_STUDY.slices}`);
  await page.keyboard.press('t');
  await page.getByRole('searchbox', { name: 'Search attributes' }).fill('PatientID');
  await expect(page.getByText('P-4711').last()).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search attributes' }).fill('nothing at all');
  await expect(page.getByText('No attribute has this in its tag')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.locator('.viewer').focus();
  await page.keyboard.press('b');
  await expect(browser.search).toBeFocused();
  expect(violations).toEqual([]);
});

test('damaged and conflicting files are named in the report, good ones stay', async ({ page }) => {
  const source = path.join(place.path, 'source');
  const files = writeTestStudy(source);
  const other = path.join(source, 'same-uid-other-content.dcm');
  fs.writeFileSync(other, testSlice(0, { '00081030': { vr: 'LO', values: ['<img src=x onerror=alert(1)>'] } }));
  const cut = path.join(source, 'cut.dcm');
  fs.writeFileSync(cut, testSlice(1).subarray(0, 420));
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(files);
  await expect(browser.job(/12 stored/)).toBeVisible();
  await browser.importFiles([other, cut, ...files]);
  const job = browser.job(/12 already here/);
  await expect(job).toContainText('1 in quarantine');
  await expect(job).toContainText('1 refused');
  await job.getByRole('button', { name: 'Report' }).click();
  await expect(page.getByRole('region', { name: 'Report' })).toContainText('cut.dcm');
  await expect(browser.row('Müller')).toContainText('conflict');
});

test('the browser has no serious accessibility fault', async ({ page }) => {
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(writeTestStudy(path.join(place.path, 'source')));
  await expect(browser.row('Müller')).toBeVisible();
  await browser.row('Müller').click();
  for (const screen of ['browser', 'viewer'] as const) {
    if (screen === 'viewer') {
      await page.keyboard.press('Enter');
      await expect(new ViewerPage(page).corner('br')).toContainText('/ 12');
    }
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${screen}: ${id}: ${nodes[0]?.html}`),
    ).toEqual([]);
  }
});

test('a passphrase locks the archive from the next start on', async ({ page, context }) => {
  await page.goto(place.invitation);
  await expect(page.getByText('it is not protected')).toBeVisible();
  await page.getByRole('button', { name: 'Set a passphrase' }).click();
  await expect(page.getByText('Copies and backups of the data folder that were made before')).toBeVisible();
  await page.getByLabel('New passphrase').fill('correct horse');
  await page.getByLabel('Again').fill('correct horse');
  await page.getByRole('button', { name: 'Protect the archive' }).click();
  // The form stands in the notice's place until the key is wrapped anew: only then may the shell be stopped.
  await expect(page.getByRole('form', { name: 'Set a passphrase' })).toBeHidden();
  await expect(page.getByText('it is not protected')).toBeHidden();
  await place.stop();
  await place.start();
  await page.goto(place.invitation);
  const other = await context.newPage();
  await other.goto(new URL('/', place.invitation).href);
  await expect(other.getByLabel('Passphrase of the archive')).toBeVisible();
  const wouldLeave = await other.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['a'], 'a.dcm'));
    return document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  });
  expect(wouldLeave).toBe(false);
  await expect(other.getByRole('alert')).toContainText('Unlock first');

  await page.getByLabel('Passphrase of the archive').fill('wrong horse');
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByRole('alert')).toContainText('does not open this archive');
  // What is typed takes the place of the wrong one.
  await page.keyboard.type('correct horse');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'The archive is empty' })).toBeVisible();
  await other.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(other.getByRole('heading', { name: 'The archive is empty' })).toBeVisible();
});

test('a page that is left open finds its way back to a backend that was started anew', async ({ page, context }) => {
  await page.goto(place.invitation);
  await expect(page.getByRole('heading', { name: 'The archive is empty' })).toBeVisible();
  const refused = page.waitForResponse((answer) => answer.url().includes('/api/events') && answer.status() === 401);
  await place.stop();
  await place.start();
  await refused;
  const startedAnew = page.getByText('Lectern was started anew and does not know this page any more');
  await expect(startedAnew).toBeVisible();
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.getByRole('heading', { name: 'Lectern does not know this page' })).toBeVisible();
  await other.goto(place.invitation);
  await expect(startedAnew).toBeHidden();
});
