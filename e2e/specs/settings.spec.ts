// The settings as one long page: what is refused is read where the person is, and what was typed is not lost by one key.
import { expect, test } from '@playwright/test';
import { placeForEachTest } from '../support/place.ts';

const place = placeForEachTest();

test.beforeEach(async ({ page }) => {
  await page.goto(place.invitation);
  await expect(page.getByRole('searchbox', { name: 'Search studies' })).toBeFocused();
  await page.keyboard.press('Control+,');
});

test('what is refused far down the page is in sight, and goes when it is closed or the next thing works', async ({
  page,
}) => {
  await page.getByRole('button', { name: 'Watch folders' }).press('Enter');
  const folder = page.getByLabel('Folder on the machine that runs Lectern');
  await folder.fill('relative/x');
  await folder.press('Enter');
  const refusal = page.getByRole('alert').filter({ hasText: 'whole path' });
  await expect(refusal).toBeInViewport({ ratio: 1 });
  await expect(folder).toBeInViewport({ ratio: 1 });
  await refusal.getByRole('button', { name: 'Close' }).press('Enter');
  await expect(refusal).toHaveCount(0);
  await expect(folder).toBeFocused();
  await folder.press('Enter');
  await expect(refusal).toBeVisible();
  await folder.fill(place.path);
  await folder.press('Enter');
  await expect(page.locator('.plain-list .path')).toHaveText(place.path);
  await expect(refusal).toHaveCount(0);
});
