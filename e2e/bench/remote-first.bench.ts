// Search place, a study of 200 CT slices that only Orthanc has: from the double click to the first painted slice, and until all
// 200 are decoded, while they come into the archive, which holds them afterwards; against OHIF on the same Orthanc, which keeps
// nothing (asked: at most 1.0x its time for both). BENCH_NODE=dimse asks by C-GET instead of WADO-RS.
import type { Browser } from '@playwright/test';
import { NetworkPage } from '../pages/network-page.ts';
import { startShell, temporaryFolder } from '../support/lectern.ts';
import { median, print, RUNS } from './measure.ts';
import { checkArchive, lectern, portOf } from './measure-transfers.ts';
import { launchBrowser, probe, startOhifSide } from './measure-viewer.ts';

const ADDRESS =
  process.env['BENCH_NODE'] === 'dimse'
    ? ['--dimse', `ORTHANC@127.0.0.1:${portOf('ORTHANC_DICOM_PORT', 14242)}`]
    : ['--dicomweb', `http://127.0.0.1:${portOf('ORTHANC_HTTP_PORT', 18042)}/dicom-web`];

/** Installed before any script of the page, after `probe`: counted from the double click to the whole series, since a part that
 * has come is complete for a moment too. */
function startAtClick(): void {
  const { bench } = globalThis as unknown as { bench: { enter: number; whole: number } };
  addEventListener('dblclick', () => (bench.enter = performance.now()), true);
  addEventListener('lectern:series-complete', (event) => {
    const { count } = (event as CustomEvent<{ count: number }>).detail;
    if (count === 200) bench.whole = performance.now();
  });
}

async function openRemote(browser: Browser, invitation: string): Promise<{ first: number; all: number }> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  await context.addInitScript(probe);
  await context.addInitScript(startAtClick);
  const page = await context.newPage();
  await page.goto(invitation);
  const network = new NetworkPage(page);
  await page.goto(`${new URL(page.url()).origin}/#/search`);
  await network.field('Patient ID').fill('PEER-CT200');
  await page.keyboard.press('Enter');
  await network.rows.first().waitFor();
  await page.waitForTimeout(1500);
  await network.rows.first().dblclick();
  const isWhole = (): boolean => (globalThis as unknown as { bench: { whole?: number } }).bench.whole !== undefined;
  await page.waitForFunction(isWhole);
  const times = await page.evaluate(
    () => (globalThis as unknown as { bench: { enter: number; painted: number; whole: number } }).bench,
  );
  await context.close();
  return { first: (times.painted - times.enter) / 1000, all: (times.whole - times.enter) / 1000 };
}

const ohif = await startOhifSide('remote-first');
const values = { lectern: [] as number[], lecternAll: [] as number[], ohif: [] as number[], ohifAll: [] as number[] };
for (let run = 0; run <= RUNS; run++) {
  using folder = temporaryFolder();
  lectern(folder.path, 'nodes', 'add', 'PACS', ...ADDRESS);
  const shell = await startShell(folder.path);
  const browser = await launchBrowser();
  const ours = await openRemote(browser, shell.invitation);
  await browser.close();
  await shell.stop();
  checkArchive(folder.path, 'ct200');
  const theirs = await ohif.measure(['open-list']);
  if (run === 0) continue;
  values.lectern.push(ours.first);
  values.lecternAll.push(ours.all);
  values.ohif.push(theirs.openFromListSeconds?.median ?? Number.NaN);
  values.ohifAll.push(theirs.openFromListAllSeconds?.median ?? Number.NaN);
}
await ohif.close();
const ratio = (ours: readonly number[], theirs: readonly number[]): number =>
  Number((median(ours) / median(theirs)).toFixed(2));
print('remote-first', values, 's', {
  timeAgainstOhif: ratio(values.lectern, values.ohif),
  timeAgainstOhifAll: ratio(values.lecternAll, values.ohifAll),
});
process.exit(0);
