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

test('Escape closes a form that is as it was opened; of one that was changed it says how to leave it', async ({
  page,
}) => {
  // The form is higher than the page.
  await page.setViewportSize({ width: 1280, height: 420 });
  const settings = page.getByRole('main', { name: 'Settings' });
  const hint = settings.getByRole('status').filter({ hasText: 'not saved yet' });
  const add = settings.getByRole('button', { name: 'Add a node' });
  await add.press('Enter');
  const form = settings.getByRole('form', { name: 'New node' });
  const name = form.getByLabel('Name', { exact: true });
  await name.fill('My PACS');
  await name.press('Escape');
  await expect(hint).toBeInViewport({ ratio: 1 });
  await expect(name).toHaveValue('My PACS');
  await name.fill('');
  await name.press('Escape');
  await expect(form).toHaveCount(0);
  await expect(add).toBeFocused();
  await add.press('Enter');
  await name.fill('My PACS');
  await form.getByLabel('AE title', { exact: true }).fill('MYPACS');
  await form.getByLabel('Host').fill('127.0.0.1');
  await form.getByRole('button', { name: 'Save', exact: true }).press('Enter');
  await settings.getByRole('button', { name: 'Edit My PACS' }).press('Enter');
  const edited = settings.getByRole('form', { name: 'Edit My PACS' });
  await edited.getByLabel('Protocol').press('Escape');
  await expect(edited).toHaveCount(0);
  await settings.getByRole('button', { name: 'Add a rule' }).press('Enter');
  const rule = settings.getByRole('form', { name: 'New routing rule' });
  await rule.getByLabel('Name', { exact: true }).fill('Keep');
  await rule.getByLabel('Send to').press('Escape');
  await expect(hint).toBeVisible();
  await expect(rule.getByLabel('Name', { exact: true })).toHaveValue('Keep');
  await rule.getByRole('button', { name: 'Add the rule' }).press('Enter');
  await expect(rule).toHaveCount(0);
  // Nor does another rule that goes take it away.
  await settings.getByRole('button', { name: 'Add a rule' }).press('Enter');
  await rule.getByLabel('Name', { exact: true }).fill('Half typed');
  const remove = settings.getByRole('button', { name: 'Remove the rule Keep' });
  await remove.press('Enter');
  await expect(remove).toHaveCount(0);
  await expect(rule.getByLabel('Name', { exact: true })).toHaveValue('Half typed');
  await rule.getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(rule).toHaveCount(0);
  // Nor are the settings left with what was typed in one of their own forms.
  const title = settings.getByRole('form', { name: 'Receiver' }).getByLabel('AE title', { exact: true });
  await title.fill('OTHER');
  await settings.getByLabel('Reachable from').press('Escape');
  await expect(title).toHaveValue('OTHER');
  await settings.getByRole('button', { name: 'Receiver', exact: true }).press('Escape');
  await expect(settings).toHaveCount(0);
});
