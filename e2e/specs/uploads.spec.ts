// Imports that the page hands over: beside other work, paused, and cut off by the page's end.
import { expect, test } from '@playwright/test';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import { placeForEachTest } from '../support/place.ts';
import { writeSmallStudies } from '../support/small-studies.ts';
import { writeTestStudy } from '../support/test-study.ts';

const CUT_OFF = 'net::ERR_INTERNET_DISCONNECTED';
let browser: BrowserPage;
const place = placeForEachTest();
test.beforeEach(async ({ page }) => {
  await page.goto(place.invitation);
  browser = new BrowserPage(page);
});

test('an upload goes on while a study is read, and leaving the page is asked about until it is done', async ({
  page,
}) => {
  await browser.importFiles(writeTestStudy(path.join(place.path, 'source')));
  await expect(browser.job(/stored/)).toBeVisible();
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/api/uploads/*/files*', async (route) => {
    await held;
    await route.continue();
  });
  const asked = page.waitForRequest('**/api/uploads/*/files*');
  await browser.importFiles(writeSmallStudies(path.join(place.path, 'other')));
  await asked;
  await browser.row('Müller').dblclick();
  await expect(page.locator('.viewer .picture')).toBeVisible();
  const question = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  expect((await question).type()).toBe('beforeunload');
  await (await question).dismiss();
  letGo();
  await page.keyboard.press('b');
  await expect(browser.row('Thorax')).toBeVisible();
  // The one of the study that is read may be told of still.
  await expect(browser.job(/12 files \(study-0-1\.dcm, .*12 stored/)).toBeVisible();
});

test('a page that is loaded anew while it hands over files leaves at the foot how many never came', async ({
  page,
}) => {
  const files = writeTestStudy(path.join(place.path, 'source'));
  let count = 0;
  await page.route('**/api/uploads/*/files*', (route) => (++count > 5 ? undefined : route.continue()));
  await browser.importFiles(files);
  await expect(browser.job('5 of 12 files')).toBeVisible();
  await browser
    .job('5 of 12 files')
    .getByRole('button', { name: /^Pause/ })
    .click();
  await page.reload();
  const cut = browser.job('The page that handed over the files is gone: 7 of 12 files never came.');
  await expect(cut).toContainText('failed: 5 stored');
  await page.unroute('**/api/uploads/*/files*');
  await browser.importFiles(files);
  await expect(browser.job('done: 5 already here, 7 stored')).toBeVisible();
  await page.reload();
  await cut.getByRole('button', { name: /^Close/ }).click();
  await expect(cut).toHaveCount(0);
});

test('a short cut of the line, or of one request, loses no file of an import', async ({ page, context }) => {
  let count = 0;
  await page.route('**/api/uploads/*/files*', async (route) => {
    count++;
    if (count === 3) await route.abort('connectionreset');
    else {
      if (count === 6) await context.setOffline(true);
      await route.continue();
    }
  });
  const isCut = page.waitForEvent('requestfailed', (request) => request.failure()?.errorText === CUT_OFF);
  await browser.importFiles(writeTestStudy(path.join(place.path, 'source')));
  await isCut;
  await context.setOffline(false);
  await expect(browser.job(/^.*done: 12 stored/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a line that is marked as down is up again as soon as the backend answers, though no stream was cut', async ({
  page,
}) => {
  await page.route('**/api/changes*', (route) => route.abort('connectionreset'));
  await browser.importFiles(writeTestStudy(path.join(place.path, 'source')));
  await expect(page.getByRole('alert')).toContainText('The backend does not answer.');
  await expect(browser.job('done: 12 stored')).toBeVisible();
  await page.unroute('**/api/changes*');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(browser.row('Müller')).toBeVisible();
});

test('imports that are paused take no connection of the page: they are resumed, and the archive is read meanwhile', async ({
  page,
}) => {
  let letGo = Promise.withResolvers<void>();
  await page.route('**/api/uploads/*/files*', (route) => letGo.promise.then(() => route.continue()));
  const imports = [
    [/slice-.*12 files/, writeTestStudy(path.join(place.path, 'source'))],
    [/study-.*12 files/, writeSmallStudies(path.join(place.path, 'other'))],
  ] as const;
  for (const [title, files] of imports) {
    letGo = Promise.withResolvers();
    await browser.importFiles(files);
    await browser
      .job(title)
      .getByRole('button', { name: /^Pause/ })
      .click();
    await expect(browser.job(title)).toContainText('paused');
    letGo.resolve();
    // Those that were on their way.
    await expect(browser.job(title)).toContainText('3 stored');
  }
  await browser.row('Knie links').dblclick();
  await expect(page.locator('.viewer .picture')).toBeVisible();
  await page.keyboard.press('b');
  for (const [title] of imports)
    await browser
      .job(title)
      .getByRole('button', { name: /^Resume/ })
      .click();
  await expect(browser.job('done: 12 stored')).toHaveCount(2);
});
