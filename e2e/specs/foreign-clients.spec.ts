// Other people's DICOMweb clients in a browser: dicomweb-client, and OHIF's own build, reading a study from Lectern.
import { expect, test } from '@playwright/test';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT, runCli, startCli, startShell, temporaryFolder } from '../support/lectern.ts';
import { TEST_STUDY, writeTestStudy } from '../support/test-study.ts';

interface Client {
  searchForStudies(options: { queryParams: Record<string, string> }): Promise<unknown[]>;
  retrieveSeriesMetadata(options: { studyInstanceUID: string; seriesInstanceUID: string }): Promise<unknown[]>;
  retrieveInstanceFrames(options: Record<string, unknown>): Promise<ArrayBuffer[]>;
}

test('dicomweb-client queries, reads metadata and a frame', async ({ page }) => {
  using folder = temporaryFolder();
  writeTestStudy(path.join(folder.path, 'source'));
  expect((await runCli(folder.path, ['import', path.join(folder.path, 'source')])).code).toBe(0);
  const shell = await startShell(folder.path);
  try {
    await page.goto(shell.invitation);
    await page.evaluate(
      fs.readFileSync(path.join(ROOT, 'node_modules', 'dicomweb-client', 'build', 'dicomweb-client.js'), 'utf8'),
    );
    const { studyUid, seriesUid, slices, rows, columns } = TEST_STUDY;
    const found = await page.evaluate(
      async ([study, series]) => {
        const { api } = (
          globalThis as unknown as {
            DICOMwebClient: { api: { DICOMwebClient: new (options: { url: string }) => Client } };
          }
        ).DICOMwebClient;
        const client = new api.DICOMwebClient({ url: `${location.origin}/api/dicomweb` });
        const studies = await client.searchForStudies({ queryParams: { PatientID: 'P-4711' } });
        const metadata = await client.retrieveSeriesMetadata({ studyInstanceUID: study, seriesInstanceUID: series });
        const frames = await client.retrieveInstanceFrames({
          studyInstanceUID: study,
          seriesInstanceUID: series,
          sopInstanceUID: '2.25.2000',
          frameNumbers: [1],
        });
        return { studies: studies.length, metadata: metadata.length, bytes: frames[0]?.byteLength };
      },
      [studyUid, seriesUid] as const,
    );
    expect(found).toEqual({ studies: 1, metadata: slices, bytes: rows * columns * 2 });
  } finally {
    await shell.stop();
  }
});

const PEERS = path.resolve(ROOT, process.env['PEERS_DIR'] ?? path.join('..', 'shared', 'peers'));
const PEERS_HOME = process.env['PEERS_HOME'] ?? path.join(os.homedir(), '.cache', 'lectern-peers');
const hasOhif =
  fs.existsSync(path.join(PEERS, 'ohif.mjs')) && fs.existsSync(path.join(PEERS_HOME, 'ohif', 'dist', 'index.html'));

/** OHIF sends no token: a relay that adds it. */
async function startRelay(origin: string, token: string): Promise<{ url: string; close(): void }> {
  const target = new URL(origin);
  const relay = http.createServer((request, response) => {
    const headers = { ...request.headers, host: target.host, authorization: `Bearer ${token}` };
    const up = http.request(
      { host: target.hostname, port: target.port, path: request.url, method: request.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    // What is still under way when the server ends.
    up.on('error', () => response.destroy());
    request.pipe(up);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`, close: () => relay.close() };
}

test('OHIF reads a study from Lectern', async ({ page }) => {
  test.skip(!hasOhif, 'skipped: OHIF is not installed (shared/peers/setup.sh)');
  using folder = temporaryFolder();
  writeTestStudy(path.join(folder.path, 'source'));
  expect((await runCli(folder.path, ['import', path.join(folder.path, 'source')])).code).toBe(0);
  const server = startCli(folder.path, ['serve']);
  let session = { origin: '', token: '' };
  for await (const line of createInterface({ input: server.stdout! })) {
    session = JSON.parse(line) as typeof session;
    break;
  }
  const relay = await startRelay(session.origin, session.token);
  const { startOhif } = (await import(path.join(PEERS, 'ohif.mjs'))) as {
    startOhif(options: { port: number; dicomweb: string }): Promise<{ url: string; close(): Promise<void> }>;
  };
  const ohif = await startOhif({ port: 0, dicomweb: `${relay.url}/api/dicomweb` });
  try {
    await page.addInitScript(() => localStorage.setItem('shownTours', JSON.stringify(['basicViewerTour'])));
    await page.goto(`${ohif.url}/viewer?StudyInstanceUIDs=${TEST_STUDY.studyUid}`);
    await expect(page.locator('[data-cy="viewport-pane"] canvas').first()).toBeVisible({ timeout: 60_000 });
    // The picture is there when the canvas is no longer of one grey.
    await expect
      .poll(
        () =>
          page.evaluate(() => {
            const canvas = document.querySelector<HTMLCanvasElement>('[data-cy="viewport-pane"] canvas');
            const small = document.createElement('canvas');
            small.width = small.height = 24;
            const context = small.getContext('2d');
            if (!canvas || !context) return 0;
            context.drawImage(canvas, 0, 0, 24, 24);
            const values = context.getImageData(0, 0, 24, 24).data.filter((_, index) => index % 4 === 0);
            return Math.max(...values) - Math.min(...values);
          }),
        { timeout: 60_000 },
      )
      .toBeGreaterThan(40);
  } finally {
    await ohif.close();
    relay.close();
    server.kill('SIGTERM');
  }
});
