// A C-FIND that 2,000 studies of Orthanc answer: in the search place from Enter to the last row counted and the rows painted, in
// Chromium; against `findscu` with the same keys writing them to a file (asked: at most 1.2x its time).
import { chromium, type Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { NetworkPage } from '../pages/network-page.ts';
import { startShell, temporaryFolder } from '../support/lectern.ts';
import { hasOrthanc, startOrthanc } from '../support/peers.ts';
import { fillOrthanc } from './fill-orthanc.ts';
import { alternate, median, needPeers, PEERS_HOME, print } from './measure.ts';
import { timed } from './measure-transfers.ts';

const STUDIES = 2000;
const KEY = 'P*';
/** A home of its own: the peers' usual Orthanc holds other studies. */
const place = { home: path.join(PEERS_HOME, 'find'), firstPort: 18_540 };
/** What our search asks for, so that Orthanc works as much for either side. */
const RETURN_KEYS = [
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'PatientName',
  'StudyInstanceUID',
  'StudyID',
  'ModalitiesInStudy',
  'NumberOfStudyRelatedSeries',
  'NumberOfStudyRelatedInstances',
  'StudyDescription',
  'IssuerOfPatientID',
  'PatientBirthDate',
  'PatientSex',
  'ReferringPhysicianName',
  'InstanceAvailability',
];

async function findscu(folder: string): Promise<void> {
  const out = fs.openSync(path.join(folder, 'findscu.txt'), 'w');
  const keys = ['QueryRetrieveLevel=STUDY', `PatientID=${KEY}`, ...RETURN_KEYS].flatMap((key) => ['-k', key]);
  const child = spawn('findscu', ['-S', '-aec', 'ORTHANC', ...keys, '127.0.0.1', String(place.firstPort + 2)], {
    env: { ...process.env, TCP_NODELAY: '1' },
    stdio: ['ignore', out, out],
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  fs.closeSync(out);
  const printed = fs.readFileSync(path.join(folder, 'findscu.txt'), 'latin1').match(/StudyInstanceUID/g)?.length;
  if (status !== 0 || printed !== STUDIES) throw new Error(`findscu ended with ${status}, ${printed} studies printed`);
}

/** Installed before any script of the page: the Enter, and the first frame that shows the whole count beside rows. */
function probe(): void {
  const state = { enter: 0, painted: 0 };
  (globalThis as unknown as { bench: typeof state }).bench = state;
  const look = (): void => {
    const count = document.querySelector('.search-place .count')?.textContent;
    if (count !== '2000 studies' || !document.querySelector('.result-row')) return void requestAnimationFrame(look);
    const channel = new MessageChannel();
    channel.port1.addEventListener('message', () => (state.painted = performance.now()));
    channel.port1.start();
    channel.port2.postMessage(0);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    state.enter = performance.now();
    requestAnimationFrame(look);
  };
  addEventListener('keydown', onKey, true);
}

async function addNode(settings: { name: string }): Promise<void> {
  await fetch(`/api/nodes/${settings.name}`, {
    method: 'PUT',
    headers: { 'x-lectern': '1', 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
}

async function search(page: Page): Promise<number> {
  await page.reload();
  const network = new NetworkPage(page);
  await network.field('Patient ID').fill(KEY);
  await page.keyboard.press('Enter');
  const isPainted = (): boolean => (globalThis as unknown as { bench: { painted: number } }).bench.painted > 0;
  await page.waitForFunction(isPainted);
  const { enter, painted } = await page.evaluate(
    () => (globalThis as unknown as { bench: { enter: number; painted: number } }).bench,
  );
  return (painted - enter) / 1000;
}

needPeers('find');
if (!hasOrthanc) {
  console.log(JSON.stringify({ bench: 'find', skipped: 'Orthanc is not installed' }));
  process.exit(0);
}
using folder = temporaryFolder();
const orthanc = startOrthanc(place);
await fillOrthanc(orthanc.url, STUDIES);
const shell = await startShell(folder.path);
const node = { kind: 'dimse', name: 'PACS', aet: 'ORTHANC', host: '127.0.0.1', port: place.firstPort + 2 };
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--no-first-run', '--disable-background-networking'],
});
const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
await context.addInitScript(probe);
const page = await context.newPage();
await page.goto(shell.invitation);
await page.evaluate(addNode, { ...node, callingAet: 'LECTERN' });
await page.goto(`${new URL(page.url()).origin}/#/search`);
const values = await alternate({
  lectern: () => search(page),
  findscu: () => timed(() => findscu(folder.path)),
});
print('find', values, 's', {
  rows: STUDIES,
  timeAgainstFindscu: Number((median(values.lectern) / median(values.findscu)).toFixed(2)),
});
await browser.close();
await shell.stop();
orthanc.stop();
process.exit(0);
