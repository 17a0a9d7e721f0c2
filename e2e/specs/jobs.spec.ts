// Many jobs at the foot: lines that stand clear of each other, buttons that leave the keyboard's focus near by, and an end for all
// of them at once.
import { expect, test, type Page } from '@playwright/test';
import { placeForEachTest } from '../support/place.ts';

const place = placeForEachTest();
/** Retrievals from a node that nobody is at: they say so on a second line, and wait. */
const COUNT = 12;
/** Lines of the foot before the rest is asked for. */
const FEW = 5;
const LINES = '.foot .job';

test.beforeEach(async ({ page }) => {
  await page.goto(place.invitation);
  await expect(page.getByRole('searchbox', { name: 'Search studies' })).toBeFocused();
  const { origin } = new URL(page.url());
  const headers = { 'x-lectern': '1', origin };
  const node = 'Universitaetsklinikum Nord Archiv';
  const settings = { kind: 'dicomweb', name: node, url: 'http://127.0.0.1:9/dicom-web' };
  await page.request.put(`${origin}/api/nodes/${encodeURIComponent(node)}`, { headers, data: settings });
  for (let index = 0; index < COUNT; index++)
    await page.request.post(`${origin}/api/retrieve`, {
      headers,
      data: { node, studyUid: `1.2.4.${index}`, title: `Müller-Lüdenscheidt ${index}, Hans-Joachim`, urgency: 'study' },
    });
  await expect(page.locator(LINES)).toHaveCount(FEW);
  await page.getByRole('button', { name: `${COUNT - FEW} more: ${COUNT - FEW} waiting` }).press('Enter');
  await expect(page.locator(LINES)).toHaveCount(COUNT);
});

/** Lines whose content reaches into the next one. */
const coveringLines = (page: Page): Promise<number> =>
  page.locator(LINES).evaluateAll(
    (lines) =>
      lines.filter((line, index) => {
        const bottom = Math.max(...[...line.children].map((child) => child.getBoundingClientRect().bottom));
        return bottom > (lines[index + 1]?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY) + 1;
      }).length,
  );

test('no line covers another, and all can be cancelled at once', async ({ page }) => {
  const foot = page.getByRole('region', { name: 'Jobs' });
  await expect(foot.getByText(/is asked again at/).first()).toBeVisible();
  expect(await coveringLines(page)).toBe(0);
  const ask = foot.getByRole('button', { name: 'Cancel all' });
  await expect(ask).toBeInViewport({ ratio: 1 });
  await ask.press('Enter');
  const stay = foot.getByRole('button', { name: 'Let them go on' });
  await expect(stay).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(ask).toBeFocused();
  await ask.press('Enter');
  await foot.getByRole('button', { name: `Cancel ${COUNT} jobs` }).press('Enter');
  await expect(foot.getByRole('status').filter({ hasText: 'cancelled' })).toHaveCount(COUNT);
  await expect(foot.locator(':focus')).toHaveCount(1);
  await foot.getByRole('button', { name: 'Close all that ended' }).press('Enter');
  await expect(page.locator(LINES)).toHaveCount(0);
  await expect(foot.getByRole('button', { name: `Earlier jobs (${COUNT})` })).toBeFocused();
});

test('of many that wait the foot has few lines, and a paused one among them', async ({ page }) => {
  const foot = page.getByRole('region', { name: 'Jobs' });
  const oldest = foot.locator('.job', { hasText: 'Müller-Lüdenscheidt 0,' });
  await oldest.getByRole('button', { name: /^Pause/ }).click();
  await foot.getByRole('button', { name: 'Show fewer' }).press('Enter');
  await expect(page.locator(LINES)).toHaveCount(FEW);
  await expect(oldest).toBeInViewport({ ratio: 1 });
  await expect(foot.getByRole('button', { name: `${COUNT - FEW} more: ${COUNT - FEW} waiting` })).toBeFocused();
});

test('a button that goes leaves the focus to what comes in its place, or near by', async ({ page }) => {
  const foot = page.getByRole('region', { name: 'Jobs' });
  const line = foot.locator('.job', { hasText: 'Müller-Lüdenscheidt 5,' });
  const button = (name: RegExp) => line.getByRole('button', { name });
  await button(/^Pause/).press('Enter');
  await expect(button(/^Resume/)).toBeFocused();
  await button(/^Resume/).press('Enter');
  await expect(button(/^Pause/)).toBeFocused();
  await button(/^Cancel/).press('Enter');
  await expect(line).toContainText('cancelled');
  await expect(line.locator(':focus')).toHaveCount(1);
  await button(/^Close/).press('Enter');
  await expect(line).toHaveCount(0);
  await expect(foot.locator(':focus')).toHaveCount(1);
});
