// Key images: marked by key, the same in every window and after a new start, part of the study once saved, sent with what was measured.
import { expect, test } from '@playwright/test';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';
import { BrowserPage } from '../pages/browser-page.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { runCli, startCli, temporaryFolder } from '../support/lectern.ts';
import { writeMarked } from '../support/marked-study.ts';
import { placeForEachTest } from '../support/place.ts';

const PICTURE = {
  rows: 96,
  columns: 128,
  spacingMm: [0.9, 0.6] as const,
  marks: [[20, 24], [88, 61]] as const, // prettier-ignore
  markSize: 3,
};

const place = placeForEachTest();

test('a key image is marked, kept, saved in the study and sent with its length', async ({ page }) => {
  using there = temporaryFolder();
  const receiver = startCli(there.path, ['scp', '--aet', 'THERE', '--port', '0', '--json']);
  try {
    const lines = readline.createInterface({ input: receiver.stdout ?? process.stdin });
    const [line] = (await once(lines, 'line')) as [string];
    const { port } = JSON.parse(line) as { port: number };
    expect(await runCli(place.path, ['nodes', 'add', 'THERE', '--dimse', `THERE@127.0.0.1:${port}`])).toMatchObject({
      code: 0,
    });

    await page.goto(place.invitation);
    const browser = new BrowserPage(page);
    await browser.importFiles([writeMarked(path.join(place.path, 'source', 'marked.dcm'), PICTURE)]);
    await browser.row('Müller').dblclick();
    const viewer = new ViewerPage(page);
    await viewer.waitForMount();
    const mark = viewer.cell().locator('.key-mark');
    await expect(mark).toBeEmpty();
    await page.keyboard.press('Shift+k');
    await expect(mark).toHaveText('★ Key image');
    await page.keyboard.press('Shift+k');
    await expect(mark).toBeEmpty();
    await page.getByRole('button', { name: /^Key image/ }).click();
    await expect(mark).toHaveText('★ Key image');
    await expect(page.getByText('1 key image, kept in the archive')).toBeVisible();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await expect(new ViewerPage(other).cell().locator('.key-mark')).toHaveText('★ Key image');
    await other.close();

    await page.keyboard.press('Shift+l');
    const panel = page.getByRole('complementary', { name: 'Lengths and key images' });
    await expect(panel).toContainText('not part of the study');
    await panel.getByRole('button', { name: 'Send key images' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send 1 key image' });
    await expect(panel).toContainText('Saved in the study and read back: 1 key image');
    // Two instances: both lines may come at once.
    const stored = new Promise<void>((resolve) => {
      let count = 0;
      lines.on('line', () => ++count === 2 && resolve());
      receiver.once('exit', () => resolve());
    });
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await stored;
    await expect(viewer.series(/Key images/)).toBeVisible();
    await panel.getByRole('button', { name: /^Take the mark/ }).click();
    await expect(mark).toBeEmpty();
    await expect(panel).toContainText('Removed here');
  } finally {
    receiver.kill('SIGTERM');
    await once(receiver, 'close');
  }
  const { stdout } = await runCli(there.path, ['ls', '--level', 'instance', '--json']);
  const instances = JSON.parse(stdout) as Record<string, { Value?: string[] }>[];
  const classes = instances.flatMap((each) => each['00080016']?.Value ?? []);
  expect(classes.sort()).toEqual(['1.2.840.10008.5.1.4.1.1.4', '1.2.840.10008.5.1.4.1.1.88.59']);
});
