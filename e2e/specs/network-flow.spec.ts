// What goes on by itself or in the background, with Orthanc as the hospital: a retrieval paused and resumed while its stream is held,
// a sending that the other system answers for, a routing rule, priors that arrive with a study and can be cancelled.
import { expect, test, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { createDimseSource } from '#backend/sources/dimse/dimse-source.ts';
import { text } from '../../shared/testing/dicom-builder.ts';
import { BrowserPage } from '../pages/browser-page.ts';
import { NetworkPage } from '../pages/network-page.ts';
import { realInstances } from '../support/dimse-peers.ts';
import { startHoldingProxy, type HoldingProxy } from '../support/holding-proxy.ts';
import { temporaryFolder } from '../support/lectern.ts';
import { placeForEachTest } from '../support/place.ts';
import { hasOrthanc, startOrthanc, type PeerPlace } from '../support/peers.ts';
import { TEST_STUDY, testSlice, writeTestStudy } from '../support/test-study.ts';

const FIRST_PORT = 23500;
const [DIMSE_PORT, LECTERN_PORT] = [FIRST_PORT + 2, FIRST_PORT + 9];
const MANY = 120;
const PRIOR = '2.25.8001';

test.describe('with Orthanc', () => {
  test.skip(!hasOrthanc, 'Orthanc and the scripts that start it are not here');
  const home = temporaryFolder();
  const place: PeerPlace = { home: path.join(home.path, 'peers'), firstPort: FIRST_PORT };
  let orthanc: ReturnType<typeof startOrthanc>;
  let network: NetworkPage;
  let browser: BrowserPage;
  let proxy: HoldingProxy;

  const toOrthanc = async (file: Uint8Array): Promise<void> => {
    const sent = await fetch(`${orthanc.url}/instances`, { method: 'POST', body: Buffer.from(file) });
    expect(sent.status).toBe(200);
  };
  const countAt = async (studyUid: string): Promise<number> => {
    const query = { Level: 'Instance', Query: { StudyInstanceUID: studyUid } };
    const found = await fetch(`${orthanc.url}/tools/find`, { method: 'POST', body: JSON.stringify(query) });
    return ((await found.json()) as string[]).length;
  };
  test.beforeAll(async () => {
    orthanc = startOrthanc(place);
    for (let slice = 0; slice < MANY; slice++) await toOrthanc(testSlice(slice));
    for (let slice = 0; slice < 40; slice++)
      await toOrthanc(
        testSlice(slice, {
          '0020000D': text('UI', PRIOR),
          '0020000E': text('UI', `${PRIOR}1`),
          '00080018': text('UI', `${PRIOR}2${slice}`),
          '00080020': text('DA', '20230301'),
          '00081030': text('LO', 'Knie frueher'),
        }),
      );
  });
  test.afterAll(() => {
    orthanc.stop();
    home[Symbol.dispose]();
  });
  const ours = placeForEachTest();
  test.beforeEach(async ({ page }) => {
    await page.goto(ours.invitation);
    network = new NetworkPage(page);
    browser = new BrowserPage(page);
    await expect(browser.search).toBeFocused();
    // Enough for the lists, and a part of the first study.
    proxy = await startHoldingProxy(DIMSE_PORT, 150_000);
    await put(page, '/api/receiver', { isOn: true, port: LECTERN_PORT });
    await put(page, '/api/nodes/Hospital', dimse('Hospital', DIMSE_PORT));
    await put(page, '/api/nodes/Slow', dimse('Slow', proxy.port));
  });
  test.afterEach(async () => {
    await proxy.close();
  });

  const dimse = (name: string, port: number): object => ({
    kind: 'dimse',
    name,
    port,
    aet: 'ORTHANC',
    host: '127.0.0.1',
    callingAet: 'LECTERN',
  });
  async function put(page: Page, address: string, body: object): Promise<void> {
    const status = await page.evaluate(
      async ([to, settings]) => {
        const headers = { 'x-lectern': '1', 'content-type': 'application/json' };
        return (await fetch(to, { method: 'PUT', headers, body: JSON.stringify(settings) })).status;
      },
      [address, body] as const,
    );
    expect(status).toBeLessThan(300);
  }
  /** As a modality does it. */
  async function sendHere(...files: Uint8Array[]): Promise<void> {
    const outbox = fs.mkdtempSync(path.join(ours.path, 'modality-'));
    for (const [index, file] of files.entries()) fs.writeFileSync(path.join(outbox, `${index}.dcm`), file);
    const node = { aet: 'LECTERN', callingAet: 'MR1', host: '127.0.0.1', port: LECTERN_PORT, retrieve: 'get' as const };
    const source = createDimseSource(node);
    const outcomes = await source.store(realInstances(outbox), () => undefined, new AbortController().signal);
    expect(outcomes.map(({ outcome, reason }) => reason ?? outcome)).toEqual(files.map(() => 'sent'));
    await source.close();
  }

  test('a retrieval is paused in the middle of its stream, says what is here, and goes on to the whole', async ({
    page,
  }) => {
    await page.goto(`${new URL(page.url()).origin}/#/search`);
    await network.search
      .getByRole('button', { name: 'Hospital' })
      .or(network.search.getByLabel('Hospital'))
      .first()
      .click();
    await network.field('Patient ID').fill('P-4711');
    await page.keyboard.press('Enter');
    await network.row('Knie links').click();
    await network.results.focus();
    await page.keyboard.press('Enter');
    await proxy.held;
    await page.getByRole('button', { name: /^Pause .*Knie links/ }).click();
    const job = browser.job(/Knie links/).first();
    await expect(job).toContainText('paused');
    proxy.release();
    await page.keyboard.press('Escape');
    // A part is called a part.
    await expect(browser.row('Knie links')).toContainText(new RegExp(`of ${MANY}|missing|incomplete`, 'i'));
    await page.getByRole('button', { name: /^Resume .*Knie links/ }).click();
    await expect(browser.job(/Knie links/).first()).toContainText('done');
    await expect(browser.row('Knie links')).toContainText(String(MANY));
    await expect(browser.row('Knie links')).not.toContainText(/missing|incomplete/i);
  });

  test('what is sent is called safe to delete once the other system answers for it, not before', async ({ page }) => {
    await browser.importFiles(writeTestStudy(path.join(ours.path, 'local')));
    await expect(browser.row('Knie links')).toContainText(String(TEST_STUDY.slices));
    await browser.row('Knie links').click();
    await page.keyboard.press('s');
    const panel = page.getByRole('dialog', { name: 'Send 1 study' });
    await panel.getByLabel('To', { exact: true }).selectOption('Hospital');
    await panel.getByRole('button', { name: 'Send', exact: true }).click();
    const first = browser.job(/Knie links.* to Hospital/).first();
    await expect(first).toContainText(`done: ${TEST_STUDY.slices} sent`);
    await expect(first).not.toContainText('safe to delete');
    await page.getByRole('button', { name: /^Close .*Knie links/ }).click();
    await browser.row('Knie links').click();
    await page.keyboard.press('s');
    await panel.getByLabel('To', { exact: true }).selectOption('Hospital');
    await panel.getByLabel(/storage commitment/).check();
    await panel.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(browser.job(/Knie links.* to Hospital/).first()).toContainText(
      `Hospital answers for all ${TEST_STUDY.slices} instances: safe to delete here.`,
    );
  });

  test('a routing rule sends on what a modality has sent here, and nothing else', async ({ page }) => {
    await page.keyboard.press('Control+,');
    await page.getByRole('button', { name: 'Add a rule' }).click();
    const form = page.getByRole('form', { name: 'New routing rule' });
    await form.getByLabel('Name', { exact: true }).fill('Ultrasound to the hospital');
    await form.getByLabel('is', { exact: true }).fill('US');
    await form.getByLabel('Send to').selectOption('Hospital');
    await form.getByRole('button', { name: 'Add the rule' }).click();
    await expect(page.getByText('Ultrasound to the hospital')).toBeVisible();
    const of = (study: string, modality: string): Uint8Array =>
      testSlice(1, {
        '0020000D': text('UI', study),
        '0020000E': text('UI', `${study}1`),
        '00080018': text('UI', `${study}2`),
        '00080060': text('CS', modality),
      });
    await sendHere(of('2.25.8101', 'US'), of('2.25.8102', 'MR'));
    await page.getByRole('button', { name: 'Studies', exact: true }).click();
    await expect(browser.job(/US.*: Ultrasound to the hospital to Hospital/)).toContainText('done: 1 sent');
    expect([await countAt('2.25.8101'), await countAt('2.25.8102')]).toEqual([1, 0]);
  });

  test('priors come by themselves when a study arrives, as jobs that can be cancelled', async ({ page }) => {
    await put(page, '/api/priors', { isOn: true, nodes: ['Slow'], maxAgeYears: null });
    const arriving = testSlice(1, {
      '0020000D': text('UI', '2.25.8201'),
      '0020000E': text('UI', '2.25.8202'),
      '00080018': text('UI', '2.25.8203'),
      '00080020': text('DA', '20260101'),
      '00081030': text('LO', 'Knie heute'),
    });
    await sendHere(arriving);
    await expect(browser.row('Knie heute')).toBeVisible();
    const prior = browser.job(/Prior 20230301/);
    await expect(prior).toBeVisible();
    await proxy.held;
    await page.getByRole('button', { name: /^Cancel Prior 20230301/ }).click();
    await expect(prior).toContainText('cancelled');
    await expect(browser.row('Knie frueher')).not.toContainText(/40$/);
    proxy.release();
    // Wanted after all: the same job once more, to its end.
    await page.getByRole('button', { name: /^Try Prior 20230301.* again/ }).click();
    await expect(browser.row('Knie frueher')).toContainText('40');
  });
});
