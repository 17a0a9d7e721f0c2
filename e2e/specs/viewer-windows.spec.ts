// The windows of one's own: each line of the settings says its own numbers, and the list of windows stays a list.
import { expect, test, type Locator, type Page } from '@playwright/test';
import { text } from '../../shared/testing/dicom-builder.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { placeForEachTest } from '../support/place.ts';
import { openSeries } from '../support/three-series.ts';

const place = placeForEachTest();

/** What a person set before; named as the page's database keeps what it has not written yet. */
const setPresets = (page: Page, presets: Record<string, unknown>): Promise<void> =>
  page.evaluate((all) => localStorage.setItem('lectern.pending.viewer', JSON.stringify({ presets: all })), presets);

/** Name and numbers of each line, as they stand in its fields. */
const lines = (panel: Locator): Promise<string[]> =>
  panel
    .locator('.preset-list li')
    .evaluateAll((all) => all.map((line) => [...line.querySelectorAll('input')].map(({ value }) => value).join(' | ')));

test('each window has its own numbers, whatever goes, moves or comes from another page', async ({ page, context }) => {
  const viewer = await openSeries(page, place);
  await viewer.press('Control+,');
  const panel = page.getByRole('complementary', { name: 'Viewer settings' });
  await panel.getByRole('tab', { name: 'Windows' }).click();
  const first = async (...expected: string[]): Promise<void> =>
    expect.poll(async () => (await lines(panel)).slice(0, expected.length)).toEqual(expected);
  await first('Brain | 40 | 80', 'Subdural | 75 | 215', 'Stroke | 40 | 40');
  // What is no width is marked while it is typed, and is not left under the window's name.
  const width = panel.getByLabel('Width of Brain');
  await width.fill('0,5');
  await expect(width).toHaveAttribute('aria-invalid', 'true');
  await panel.getByRole('button', { name: 'Remove Brain' }).click();
  await first('Subdural | 75 | 215', 'Stroke | 40 | 40');
  await panel.getByRole('button', { name: 'Stroke: up' }).click();
  await first('Stroke | 40 | 40', 'Subdural | 75 | 215');
  await panel.getByRole('button', { name: 'Stroke: down' }).click();
  await first('Subdural | 75 | 215', 'Stroke | 40 | 40');
  // As it is typed it stays, also when another page changes something else; afterwards it is the number.
  const center = panel.getByLabel('Centre of Subdural');
  await center.fill('62,');
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(new ViewerPage(other).corner('br')).toContainText('/ 3');
  await other.keyboard.press('Control+,');
  const otherPanel = other.getByRole('complementary', { name: 'Viewer settings' });
  await otherPanel.getByRole('tab', { name: 'Windows' }).click();
  await otherPanel.getByLabel('Width of Stroke').fill('41');
  await first('Subdural | 62, | 215', 'Stroke | 40 | 41');
  await center.blur();
  await first('Subdural | 62 | 215', 'Stroke | 40 | 41');
  await otherPanel.getByRole('button', { name: 'Remove Subdural' }).click();
  await first('Stroke | 40 | 41', 'Bone | 500 | 2000');
  await panel.getByLabel('Modality').selectOption('PT');
  await first('SUV 0 to 5 | 0 | 5', 'SUV 0 to 7 | 0 | 7');
  await panel.getByLabel('Modality').selectOption('CT');
  await panel.getByRole('button', { name: 'Back to the defaults for CT' }).click();
  await first('Brain | 40 | 80', 'Subdural | 75 | 215', 'Stroke | 40 | 40');
});

test('the list of windows is no wider than a list, however long a name is', async ({ page }) => {
  const viewer = await openSeries(page, place);
  const name = 'VeryLongName'.repeat(40);
  await setPresets(page, { CT: [{ label: name, window: { kind: 'window', center: 1, width: 2 } }] });
  await page.reload();
  await expect(viewer.corner('br')).toContainText('/ 3');
  await viewer.windows.click();
  const menu = page.getByRole('menu', { name: 'Windows' });
  expect((await menu.boundingBox())?.width).toBeLessThanOrEqual(480);
  await expect(menu.getByTitle(name)).toBeVisible();
  await expect(menu.getByRole('menuitem', { name }).locator('kbd')).toBeInViewport();
  await menu.getByRole('menuitem', { name: 'Change this list' }).click();
  await expect(page.getByLabel('Name of window 1')).toHaveAttribute('maxlength', '60');
});

for (const [name, placed, last] of [
  ['slices of a volume share the range of the middle one', {}, 'C -549  W 502'],
  ['images without a place have a range each', { '00200032': text('DS', '') }, 'C -349  W 502'],
] as const)
  test(`where the header has no window, ${name}`, async ({ page }) => {
    const viewer = await openSeries(page, place, {
      '00281050': text('DS', ''),
      '00281051': text('DS', ''),
      ...placed,
    });
    await expect(viewer.corner('br')).toContainText('2 / 3');
    await expect(viewer.corner('br')).toContainText('C -549  W 502');
    await viewer.press('End');
    await expect(viewer.corner('br')).toContainText('3 / 3');
    await expect(viewer.corner('br')).toContainText(last);
  });
