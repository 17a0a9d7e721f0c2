// The network from the page, against real systems: Orthanc (DIMSE and DICOMweb) and DCMTK's worklist. Add, test, search, retrieve,
// open while it arrives, send, compare bytes.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { text } from '../../shared/testing/dicom-builder.ts';
import { BrowserPage } from '../pages/browser-page.ts';
import { NetworkPage } from '../pages/network-page.ts';
import { temporaryFolder } from '../support/lectern.ts';
import { placeForEachTest } from '../support/place.ts';
import { hasOrthanc, runPeer, startOrthanc, type PeerPlace } from '../support/peers.ts';
import { TEST_STUDY, testSlice } from '../support/test-study.ts';

const FIRST_PORT = 23400;
const [DIMSE_PORT, WORKLIST_PORT, NOBODY_PORT] = [FIRST_PORT + 2, FIRST_PORT + 7, FIRST_PORT + 19];
const MANY = 120;

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test.describe('with Orthanc and a worklist', () => {
  test.skip(!hasOrthanc, 'Orthanc and the scripts that start it are not here');
  const home = temporaryFolder();
  const place: PeerPlace = { home: path.join(home.path, 'peers'), firstPort: FIRST_PORT };
  let orthanc: ReturnType<typeof startOrthanc>;
  const files: Uint8Array[] = [];
  let network: NetworkPage;
  let browser: BrowserPage;

  test.beforeAll(async () => {
    orthanc = startOrthanc(place);
    runPeer(place, 'dcmtk.sh', 'start', 'wlm');
    for (let slice = 0; slice < MANY; slice++) files.push(testSlice(slice));
    // The same patient with the ID of another issuer.
    files.push(
      testSlice(0, {
        '0020000D': text('UI', '2.25.7001'),
        '0020000E': text('UI', '2.25.7002'),
        '00080018': text('UI', '2.25.7003'),
        '00081030': text('LO', 'Knie rechts'),
        '00100021': text('LO', 'ELSEWHERE'),
      }),
    );
    for (const file of files) {
      const sent = await fetch(`${orthanc.url}/instances`, { method: 'POST', body: Buffer.from(file) });
      expect(sent.status).toBe(200);
    }
  });
  test.afterAll(() => {
    orthanc.stop();
    runPeer(place, 'dcmtk.sh', 'stop');
    home[Symbol.dispose]();
  });
  const ours = placeForEachTest();
  test.beforeEach(async ({ page }) => {
    await page.goto(ours.invitation);
    network = new NetworkPage(page);
    browser = new BrowserPage(page);
    await expect(browser.search).toBeFocused();
  });

  /** As a person does it, by keyboard alone. */
  async function addDimse(page: Page, name: string, aet: string, port: number): Promise<void> {
    await page.getByRole('button', { name: 'Add a node' }).press('Enter');
    await expect(network.form.getByLabel('Name', { exact: true })).toBeFocused();
    const type = async (...texts: string[]): Promise<void> => {
      for (const each of texts) {
        await page.keyboard.press('ControlOrMeta+A');
        await page.keyboard.type(each);
        await page.keyboard.press('Tab');
      }
    };
    await type(name);
    await page.keyboard.press('Tab');
    await type(aet, '127.0.0.1', String(port));
    await page.keyboard.press('Enter');
    await expect(network.node(name)).toBeVisible();
  }
  async function addWeb(page: Page, name: string): Promise<void> {
    await page.getByRole('button', { name: 'Add a node' }).click();
    await network.form.getByLabel('Name', { exact: true }).fill(name);
    await network.form.getByLabel('Protocol').selectOption('dicomweb');
    await network.form.getByLabel('Address').fill(`${orthanc.url}/dicom-web`);
    await network.form.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(network.node(name)).toBeVisible();
  }
  async function toSettings(page: Page): Promise<void> {
    await page.keyboard.press('Control+,');
    await expect(page.getByRole('main', { name: 'Settings' })).toBeVisible();
  }
  async function toSearch(page: Page): Promise<void> {
    await page.goto(`${new URL(page.url()).origin}/#/search`);
    await expect(network.field('Name')).toBeFocused();
  }
  const expectClean = async (page: Page): Promise<void> => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
  };

  test('a node is added by keyboard and tested step by step; a dead one says which step failed', async ({ page }) => {
    await toSettings(page);
    await addDimse(page, 'Hospital', 'ORTHANC', DIMSE_PORT);
    const steps = network.testOf('Hospital');
    await expect(steps.getByText('C-ECHO is answered.')).toBeVisible();
    await expect(steps.getByText('C-FIND finds studies.')).toBeVisible();
    await expect(steps.getByText('One instance was fetched.').first()).toBeVisible();
    await expect(steps.getByRole('status')).not.toHaveText('Testing');
    await addDimse(page, 'Gone', 'GONE', NOBODY_PORT);
    await expect(network.testOf('Gone').locator('[data-outcome=failed]')).toContainText('Connection');
    await expect(network.testOf('Gone').getByRole('status')).toContainText('1 step failed');
    await expectClean(page);

    await page.getByRole('button', { name: 'Edit Gone' }).click();
    const form = page.getByRole('form', { name: 'Edit Gone' });
    await form.getByLabel('Host').fill('pacs.example.invalid');
    await expect(form.getByText('Not protected: without TLS')).toBeVisible();
    await form.getByLabel('AE title', { exact: true }).fill('MORE THAN SIXTEEN');
    await form.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(form.getByText('An AE title has 1 to 16 characters')).toBeVisible();
    await expect(form.getByLabel('AE title', { exact: true })).toBeFocused();
    await form.getByLabel('AE title', { exact: true }).fill('GONE');
    await form.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(network.node('Gone').getByText('not protected')).toBeVisible();

    await page.getByRole('button', { name: 'Duplicate Gone' }).click();
    await expect(network.form.getByLabel('Name', { exact: true })).toHaveValue('Gone 2');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Remove Gone' }).click();
    await page.getByRole('button', { name: 'Remove Gone for good' }).click();
    await expect(network.node('Gone')).toHaveCount(0);
  });

  test('a password goes in and never comes out; nodes travel as a file without it', async ({ page }) => {
    await toSettings(page);
    await page.getByRole('button', { name: 'Add a node' }).click();
    await network.form.getByLabel('Name', { exact: true }).fill('Web');
    await network.form.getByLabel('Protocol').selectOption('dicomweb');
    await network.form.getByLabel('Address').fill(`${orthanc.url}/dicom-web`);
    await network.form.getByLabel('Sign-in').selectOption('basic');
    await network.form.getByLabel('User').fill('reader');
    await network.form.getByLabel('Password').fill('s3cret-of-the-test');
    await network.form.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Edit Web' }).click();
    await expect(page.getByText('set, not shown')).toBeVisible();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export, without secrets' }).click();
    const download = await downloading;
    const saved = path.join(ours.path, 'nodes.json');
    await download.saveAs(saved);
    expect(fs.readFileSync(saved, 'utf8')).not.toContain('s3cret');
    expect(await page.content()).not.toContain('s3cret');
    await page.getByLabel('File of nodes').setInputFiles(saved);
    await expect(page.getByText('replaced will be Web')).toBeVisible();
    await page.getByRole('button', { name: 'Take them in' }).click();
    await expect(page.getByText('1 nodes taken in')).toBeVisible();
  });

  test('several nodes are one list; a study opens while it arrives, and is the same bytes in the end', async ({
    page,
  }) => {
    await toSettings(page);
    await addDimse(page, 'Hospital', 'ORTHANC', DIMSE_PORT);
    await addWeb(page, 'Web');
    await addDimse(page, 'Gone', 'GONE', NOBODY_PORT);
    await toSearch(page);
    await page.keyboard.type('müll jör');
    await expect(page.getByText('name müll*jör*')).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(network.rows).toHaveCount(2);
    await expect(network.row('Knie links')).toContainText('Hospital');
    await expect(network.row('Knie links')).toContainText('not here');
    // Orthanc's QIDO-RS does not decode what it is asked for: it is asked without umlauts, and that is said.
    await expect(network.progressOf('Web')).toContainText('it was asked for m*ll*j*r* instead');
    await expect(network.row('Knie links')).toContainText('Hospital, Web');
    await expect(network.progressOf('Gone')).toContainText('failed');
    await expect(network.progressOf('Gone').getByRole('button', { name: 'Ask Gone again' })).toBeVisible();
    await expectClean(page);

    await network.row('Knie links').dblclick();
    await expect(page.getByRole('main', { name: 'Viewer' })).toBeVisible();
    await expect(page.locator('.cell canvas').first()).toBeVisible();
    await expect(page.locator('.cell[data-index]')).toBeVisible();
    // All of it, in the one cell, without being asked for again.
    await expect(page.locator('.rail .series-card')).toContainText(`${MANY} images`);
    await expect(page.locator('.cell')).toContainText(new RegExp(`/ ?${MANY}|of ${MANY}`));
    await page.goBack();
    await expect(network.row('Knie links')).toContainText(/here/);
    await expect(network.row('Knie links').locator('[data-local=here]')).toBeVisible();

    for (let slice = 0; slice < MANY; slice += 7) {
      const uid = `2.25.2${String(slice).padStart(3, '0')}`;
      const here = await page.evaluate(
        async ([study, series, sop]) => {
          const address = `/api/dicomweb/studies/${study}/series/${series}/instances/${sop}`;
          const answer = await fetch(address, { headers: { accept: 'application/dicom; transfer-syntax=*' } });
          return Array.from(new Uint8Array(await answer.arrayBuffer()));
        },
        [TEST_STUDY.studyUid, TEST_STUDY.seriesUid, uid] as const,
      );
      const there = await instanceAt(orthanc.url, uid);
      // Beside the header of the file, which each system writes for itself.
      expect(digest(datasetOf(Uint8Array.from(here)))).toBe(digest(datasetOf(there)));
    }
  });

  test('a retrieval by key of several rows; sent back, the same instance is there again', async ({ page }) => {
    await toSettings(page);
    await addWeb(page, 'Web');
    await toSearch(page);
    await network.field('Patient ID').fill('P-4711');
    await page.keyboard.press('Enter');
    await expect(network.rows).toHaveCount(2);
    await network.results.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Enter');
    await expect(network.rows.locator('[data-local=here]')).toHaveCount(2);
    await page.keyboard.press('Escape');
    await expect(browser.rows).toHaveCount(2);

    const found = (await (
      await fetch(`${orthanc.url}/tools/find`, {
        method: 'POST',
        body: JSON.stringify({ Level: 'Study', Query: { StudyInstanceUID: '2.25.7001' } }),
      })
    ).json()) as string[];
    const before = await instanceAt(orthanc.url, '2.25.7003');
    await fetch(`${orthanc.url}/studies/${found[0] ?? ''}`, { method: 'DELETE' });
    await browser.row('Knie rechts').click();
    await page.keyboard.press('s');
    const panel = page.getByRole('dialog', { name: 'Send 1 study' });
    await expect(panel).toBeVisible();
    await expectClean(page);
    await panel.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(browser.job(/Knie rechts.* to Web/)).toContainText('done: 1 sent');
    expect(digest(datasetOf(await instanceAt(orthanc.url, '2.25.7003')))).toBe(digest(datasetOf(before)));
  });

  test("today's worklist, and from a step to the patient's studies", async ({ page }) => {
    await toSettings(page);
    await addDimse(page, 'Plan', 'WLM', WORKLIST_PORT);
    await addWeb(page, 'Web');
    await toSearch(page);
    await page.getByRole('button', { name: 'Worklist', exact: true }).click();
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await expect(network.rows).toHaveCount(5);
    await expect(network.row('Müller, Jörg')).toContainText('MR knee');
    await expect(network.row('王')).toContainText('CT2');
    await expectClean(page);
    await network.row('Müller, Jörg').click();
    await network.results.focus();
    await page.keyboard.press('Enter');
    await expect(network.field('Patient ID')).toHaveValue('PEER-WL2');
    await expect(network.progressOf('Web')).toContainText('0 matches');
  });

  test('the receiver is on this machine only until a person opens it, and then says so', async ({ page }) => {
    await toSettings(page);
    const receiver = page.getByRole('region', { name: 'Receiver' });
    await receiver.getByLabel('Port').fill('0');
    await receiver.getByLabel('Reachable from').selectOption('0.0.0.0');
    await expect(receiver.getByText('Other machines will be able to reach it, without encryption')).toBeVisible();
    await receiver.getByRole('button', { name: 'Save the receiver' }).click();
    await expect(receiver.getByText('Open to the network: other machines can reach it')).toBeVisible();
    await page.getByRole('button', { name: 'Studies', exact: true }).click();
    await expect(page.getByRole('button', { name: 'open to the network' })).toBeVisible();
  });
});

/** The file as Orthanc keeps it. */
async function instanceAt(url: string, sopInstanceUid: string): Promise<Uint8Array> {
  const found = await fetch(`${url}/tools/find`, {
    method: 'POST',
    body: JSON.stringify({ Level: 'Instance', Query: { SOPInstanceUID: sopInstanceUid } }),
  });
  const [id = ''] = (await found.json()) as string[];
  return new Uint8Array(await (await fetch(`${url}/instances/${id}/file`)).arrayBuffer());
}

/** What follows the file meta information (PS3.10 7.1: its length stands in its first element). */
function datasetOf(file: Uint8Array): Uint8Array {
  const start = file.indexOf('D'.charCodeAt(0), 128);
  expect(String.fromCharCode(...file.subarray(start, start + 4))).toBe('DICM');
  const metaBytes = new DataView(file.buffer, file.byteOffset).getUint32(start + 12, true);
  return file.subarray(start + 16 + metaBytes);
}
