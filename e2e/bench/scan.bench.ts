// Headers of 2,000 CT files to index records, warm, in two threads as an import has them, and in one; against dcmdump (8 attributes)
// and gdcmscanner, which have one. Asked: at least dcmdump's rate, towards gdcmscanner's.
// By profile, microseconds of a file: Zstandard 70 (of which half makes its context anew), values to JSON 60, element texts 35,
// open, read and close 40. One read instead of two, tags as texts made once, and each element's JSON made once took a quarter off; so
// did what files of a series say again and again, taken from the file before. Zstandard is a quarter of what is left.
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { alternate, dataSet, loadFigures, median, needPeers, print } from './measure.ts';
import { scan } from './scan-part.ts';

needPeers('scan', dataSet('ct2000'));
const figures = await loadFigures();
const root = fs.realpathSync(dataSet('ct2000'));
const files = fs
  .readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name));

/** As many as the archive has. */
const workers = [1, 2].map(() => new Worker(new URL('scan-part.ts', import.meta.url)));
/** So many files to a worker at a time. */
const LIST = 20;

async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function inTwo(): Promise<unknown> {
  const lists = Array.from({ length: Math.ceil(files.length / LIST) }, (_, at) =>
    files.slice(at * LIST, (at + 1) * LIST),
  ).values();
  return Promise.all(
    workers.map(async (worker) => {
      for (const list of lists) {
        worker.postMessage(list);
        await once(worker, 'message');
      }
    }),
  );
}

const peer = (name: string) => async (): Promise<number> =>
  (await figures.runFigure(name, { set: 'ct2000', runs: 1 })).seconds.median;
const values = await alternate({
  lectern: () => timed(inTwo),
  oneThread: () => timed(() => scan(files)),
  dcmdump: peer('scan-dcmdump'),
  gdcmscanner: peer('scan-gdcmscanner'),
});
await figures.stopServers();
const rate = (peers: readonly number[], ours: readonly number[]): number =>
  Number((median(peers) / median(ours)).toFixed(2));
print('scan', values, 's', {
  filesPerSecond: Math.round(files.length / median(values.lectern)),
  rateAgainstDcmdump: rate(values.dcmdump, values.lectern),
  rateAgainstGdcmscanner: rate(values.gdcmscanner, values.lectern),
  oneThreadAgainstDcmdump: rate(values.dcmdump, values.oneThread),
});
process.exit(0);
