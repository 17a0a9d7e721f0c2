// 200 frames over HTTP, 6 at once, decrypted from the archive; against Orthanc's /frames. Asked: at least 3x its rate.
//
// Found while tuning: of 3.1 ms of processor time for half a megabyte two thirds were V8's full collections, one for each 30 frames:
// buffers lie outside its heap, fill no young generation, and count towards the old one's limit. A collection of the young generation
// for each 4 MB of them (young-garbage.ts) leaves 1.0 ms, and 0.8 of the client on the same two processors.
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { runCli, startCli, temporaryFolder } from '../support/lectern.ts';
import { alternate, dataSet, loadFigures, median, needPeers, print } from './measure.ts';

needPeers('frames', dataSet('ct200'));
const figures = await loadFigures();
using folder = temporaryFolder();
const imported = await runCli(folder.path, ['import', fs.realpathSync(dataSet('ct200'))]);
if (imported.code !== 0) throw new Error(imported.stderr);
const server = startCli(folder.path, ['serve']);
let session = { origin: '', token: '' };
for await (const line of createInterface({ input: server.stdout! })) {
  session = JSON.parse(line) as typeof session;
  break;
}
const agent = new http.Agent({ keepAlive: true, maxSockets: 6 });
const headers = {
  authorization: `Bearer ${session.token}`,
  accept: 'multipart/related; type=application/octet-stream; transfer-syntax=*',
};

/** A body in pieces, not copied into one, as the client of the other side has it. */
function get(address: string): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    http
      .get(address, { agent, headers }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => resolve(pieces));
      })
      .on('error', reject);
  });
}

interface Row {
  [tag: string]: { Value: [string] };
}
headers.accept = 'application/dicom+json';
const listed = await get(`${session.origin}/api/dicomweb/instances`);
const rows = JSON.parse(Buffer.concat(listed).toString()) as Row[];
headers.accept = 'multipart/related; type=application/octet-stream; transfer-syntax=*';
const addresses = rows.map(
  (row) =>
    `${session.origin}/api/dicomweb/studies/${row['0020000D']!.Value[0]}/series/${row['0020000E']!.Value[0]}/instances/${row['00080018']!.Value[0]}/frames/1`,
);

async function lectern(): Promise<number> {
  const queue = addresses.values();
  let bytes = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (const address of queue) {
        for (const { length } of await get(address)) bytes += length;
      }
    }),
  );
  if (bytes < 200 * 524288) throw new Error(`${bytes} bytes of ${addresses.length} frames`);
  return (performance.now() - started) / 1000;
}

const values = await alternate({
  lectern,
  orthanc: async () => (await figures.runFigure('wado-frames-6', { set: 'ct200', runs: 1 })).seconds.median,
});
await figures.stopServers();
const ended = once(server, 'exit');
server.kill('SIGTERM');
await ended;
agent.destroy();
print('frames', values, 's', {
  rateAgainstOrthanc: Number((median(values.orthanc) / median(values.lectern)).toFixed(2)),
  megabytesPerSecond: Math.round(104.9 / median(values.lectern)),
});
process.exit(0);
