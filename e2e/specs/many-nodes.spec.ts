// The search place with more nodes than a line holds, while jobs stand at the foot.
import { expect, test } from '@playwright/test';
import { NetworkPage } from '../pages/network-page.ts';
import { placeForEachTest } from '../support/place.ts';

const place = placeForEachTest();
const COUNT = 40;

test('the results keep a place between many nodes and many jobs', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(place.invitation);
  await expect(page.getByRole('searchbox', { name: 'Search studies' })).toBeFocused();
  const { origin } = new URL(page.url());
  const headers = { 'x-lectern': '1', origin };
  for (let number = 0; number < COUNT; number++) {
    // Nobody has set its password: each says so as soon as it is asked.
    const name = `Hospital PACS site ${number}`;
    const data = { kind: 'dicomweb', name, url: 'https://127.0.0.1:9/', auth: { kind: 'basic', user: 'me' } };
    await page.request.put(`${origin}/api/nodes/${encodeURIComponent(name)}`, { headers, data });
  }
  for (let number = 0; number < 8; number++)
    await page.request.post(`${origin}/api/retrieve`, {
      headers,
      data: { node: 'Hospital PACS site 0', studyUid: `1.2.4.${number}`, title: `Study ${number}`, urgency: 'study' },
    });
  await page.goto(`${origin}/#/search`);
  const { search, progress } = new NetworkPage(page);
  await expect(search.getByText(`Asks all ${COUNT} nodes for everything`)).toBeVisible();
  const id = search.getByLabel('Patient ID', { exact: true });
  await id.fill('P-1');
  await id.press('Enter');
  await expect(progress.getByRole('listitem').filter({ hasText: 'failed' })).toHaveCount(COUNT);
  await search
    .locator('.foot')
    .getByRole('button', { name: /^\d+ more/ })
    .click();
  await expect(search.locator('.foot .job')).toHaveCount(8);
  const note = search.getByText('No match came, but not every node has answered');
  await note.scrollIntoViewIfNeeded();
  const [words, foot] = [await note.boundingBox(), await search.locator('.foot').boundingBox()];
  expect((words?.y ?? Infinity) + (words?.height ?? 0)).toBeLessThanOrEqual(foot?.y ?? 0);
  await expect(search.getByRole('button', { name: 'Hospital PACS site 0', exact: true })).toBeVisible();
});
