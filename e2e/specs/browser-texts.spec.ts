// What persons and other systems wrote, as the study browser shows it: however much of it, and from whichever side it is written.
import { expect, test } from '@playwright/test';
import path from 'node:path';
import { text } from '../../shared/testing/dicom-builder.ts';
import { BrowserPage } from '../pages/browser-page.ts';
import { runCli } from '../support/lectern.ts';
import { placeForEachTest } from '../support/place.ts';
import { writeSeries } from '../support/three-series.ts';

const place = placeForEachTest(async (folder) => {
  const name = {
    '00080005': text('CS', 'ISO_IR 192'),
    '00100010': text('PN', 'כהן^דוד'),
    '00100020': text('LO', '7345'),
  };
  writeSeries(folder, name);
  await runCli(folder, ['import', path.join(folder, 'source')]);
});
test.beforeEach(({ page }) => page.goto(place.invitation));

test('behind a name written from right to left, the study that is to be removed has its ID and date in their places', async ({
  page,
}) => {
  await new BrowserPage(page).row('כהן').click();
  await page.keyboard.press('Delete');
  const line = page.getByRole('dialog').getByRole('listitem');
  await expect(line).toContainText('7345');
  const lefts = await line.evaluate((item) => {
    const walk = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    const found: Record<string, number> = {};
    for (let node = walk.nextNode(); node; node = walk.nextNode())
      for (const part of ['דוד', '7345', 'CT']) {
        const at = node.textContent?.indexOf(part) ?? -1;
        if (at < 0) continue;
        range.setStart(node, at);
        range.setEnd(node, at + part.length);
        found[part] = range.getBoundingClientRect().left;
      }
    return found;
  });
  expect(Object.entries(lefts).toSorted(([, a], [, b]) => a - b).map(([part]) => part)).toEqual(['דוד', '7345', 'CT']); // prettier-ignore
});

for (const size of [
  { width: 1280, height: 800 },
  { width: 2560, height: 1440 },
])
  test(`many saved searches leave the list its place, and all are reached by key, at ${size.width}`, async ({
    page,
  }) => {
    await page.setViewportSize(size);
    const saved = Array.from({ length: 125 }, (_, number) => ({
      id: `${number}`,
      name: `Search number ${number}`,
      text: `id:${number}`,
    }));
    await expect(page.getByRole('searchbox', { name: 'Search studies' })).toBeFocused();
    await page.evaluate(
      (kept) => localStorage.setItem('lectern.pending.browser.view', JSON.stringify({ saved: kept })),
      saved,
    );
    await page.reload();
    const group = page.getByRole('group', { name: 'Saved searches' });
    await expect(group.getByRole('button')).toHaveCount(125);
    const box = await group.boundingBox();
    expect(box?.height).toBeLessThan(105);
    await expect(new BrowserPage(page).row('כהן')).toBeInViewport({ ratio: 1 });
    const last = group.getByRole('button', { name: 'Search number 124' });
    await group.getByRole('button', { name: 'Search number 123' }).focus();
    await page.keyboard.press('Tab');
    await expect(last).toBeFocused();
    await expect(last).toBeInViewport({ ratio: 1 });
    // A new one is named where it will stand.
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+s');
    const name = page.getByLabel('Name of the saved search');
    await name.fill('search NUMBER 3');
    await name.press('Enter');
    await expect(page.getByText('There is “Search number 3” already')).toBeInViewport({ ratio: 1 });
  });
