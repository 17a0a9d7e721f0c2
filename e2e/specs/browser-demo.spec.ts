// Demo studies go at one button, but not unasked: a person may have marked and measured in them.
import { expect, test } from '@playwright/test';
import { BrowserPage } from '../pages/browser-page.ts';
import { placeForEachTest } from '../support/place.ts';

const place = placeForEachTest();

test('demo studies are removed once the person has seen what goes with them, also while they arrive', async ({
  page,
}) => {
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await expect(browser.search).toBeFocused();
  const { origin } = new URL(page.url());
  const headers = { 'x-lectern': '1', origin };
  await page.request.post(`${origin}/api/demo/add`, { headers });
  await expect(browser.rows.first()).toBeVisible();
  const [found] = (await (await page.request.get(`${origin}/api/dicomweb/instances`)).json()) as Record<
    string,
    { Value: string[] }
  >[];
  const [studyUid, seriesUid, sopInstanceUid] = ['0020000D', '0020000E', '00080018'].map(
    (tag) => found?.[tag]?.Value[0],
  );
  const marked = await page.request.put(`${origin}/api/studies/${studyUid}/key-images/${sopInstanceUid}/0`, {
    headers,
    data: { studyUid, seriesUid, sopInstanceUid, frameIndex: 0, markedAt: 1 },
  });
  expect(marked.ok()).toBe(true);
  const remove = page.getByRole('button', { name: 'Remove the demo studies' });
  await remove.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('heading')).toHaveText(/^Remove (this study|\d studies)\?$/);
  await expect(dialog).toContainText('(with its key image)');
  await dialog.getByRole('button', { name: 'Keep' }).click();
  await expect(browser.rows.first()).toBeVisible();
  await remove.click();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(remove).toBeHidden();
  await expect(browser.rows).toHaveCount(0);
  await expect(browser.job('Demo studies')).toContainText('cancelled');
});
