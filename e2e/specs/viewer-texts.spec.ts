// What stands on and beside the images: whose they are, at every size of window and cell, and which key does what.
import { expect, test, type Page } from '@playwright/test';
import { BrowserPage } from '../pages/browser-page.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { text } from '../../shared/testing/dicom-builder.ts';
import { startShell, temporaryFolder, type Shell } from '../support/lectern.ts';
import { writeSeries } from '../support/three-series.ts';

let folder: ReturnType<typeof temporaryFolder>;
let shell: Shell;
test.beforeEach(async () => {
  folder = temporaryFolder();
  shell = await startShell(folder.path);
});
test.afterEach(async () => {
  await shell.stop();
  folder[Symbol.dispose]();
});

async function open(page: Page, changed: Parameters<typeof writeSeries>[1] = {}): Promise<ViewerPage> {
  await page.goto(shell.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(writeSeries(folder.path, changed));
  await expect(browser.job(/9 stored/)).toBeVisible();
  await browser.rows.first().dblclick();
  const viewer = new ViewerPage(page);
  await expect(viewer.corner('br')).toContainText('/ 3');
  return viewer;
}

test('a long name is whole beside the images, and what the picture is not never covers whose it is', async ({
  page,
}) => {
  const family = 'Wolfeschlegelsteinhausenbergerdorff-Montgomery';
  // Not calibrated, and lossy: remarks on the picture.
  const viewer = await open(page, {
    '00100010': text('PN', `${family}^Hubertus Blaine`),
    '00280030': text('DS'),
    '00282110': text('CS', '01'),
  });
  await page.setViewportSize({ width: 1024, height: 700 });
  await viewer.press('Alt+4');
  await viewer.press('Shift+k');
  await expect(viewer.fidelity()).toContainText('not calibrated');
  await expect(viewer.cell().locator('.key-mark')).toHaveText('★ Key image');
  const identity = page.getByRole('region', { name: 'Patient and study' });
  await expect(identity).toContainText(`${family}, Hubertus Blaine`);
  await expect(identity).toContainText('P-4711');
  const isWhole = (element: Element): boolean =>
    element.scrollWidth <= element.clientWidth && element.scrollHeight <= element.clientHeight;
  expect(await identity.evaluate(isWhole)).toBe(true);
  for (const layout of ['Alt+4', 'Alt+9', 'Alt+0']) {
    await viewer.press(layout);
    expect(await viewer.corner('tl').evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
    const bottom = (await viewer.corner('tl').boundingBox()) ?? { y: 0, height: Infinity };
    const mark = (await viewer.cell().locator('.key-mark').boundingBox()) ?? { y: 0, height: 0 };
    const remark = (await viewer.fidelity().boundingBox()) ?? { y: 0, height: 0 };
    expect(mark.y).toBeGreaterThanOrEqual(bottom.y + bottom.height);
    expect(remark.y).toBeGreaterThanOrEqual(mark.y + mark.height);
  }
  await viewer.press('Alt+4');
  expect(await viewer.corner('tl').evaluate(isWhole)).toBe(true);
  expect(await viewer.corner('tr').evaluate(isWhole)).toBe(true);
});
