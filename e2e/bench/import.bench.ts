// Import of 2,000 CT files (1.05 GB) from a folder, durable, encrypted, indexed; against Orthanc's REST ingest (4 at once)
// and `cp -r` + `sync`. Asked: at least 2x Orthanc's rate, 0.5x of cp's, at most 300 MB of memory.
//
// Found while tuning (2 cores): half of the time is the kernel copying and flushing, the rest SHA-256 (0.9 s of CPU), AES (0.4),
// garbage collection of chunks (0.4), the index commits. Fewer folders to flush and keys made once per file paid; other chunk
// sizes and more lanes did not.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/lectern.ts';
import { alternate, benchFolder, dataSet, loadFigures, median, needPeers, print } from './measure.ts';
import { setAsideOrthanc } from './measure-transfers.ts';

needPeers('import', dataSet('ct2000'));
const figures = await loadFigures();
const source = fs.realpathSync(dataSet('ct2000'));
let peakMb = 0;

async function lectern(): Promise<number> {
  const folder = benchFolder();
  const started = performance.now();
  const node = path.join(ROOT, 'node_modules', 'node', 'bin', 'node');
  const done = spawnSync(
    '/usr/bin/env',
    [
      'time',
      '-f',
      '%M',
      node,
      path.join(ROOT, 'electron', 'cli', 'lectern.mjs'),
      '--data',
      path.join(folder, 'data'),
      'import',
      source,
      '--json',
    ],
    {
      env: { ...process.env, LECTERN_KEYS: path.join(folder, 'keys') },
      encoding: 'utf8',
      maxBuffer: 1e9,
    },
  );
  if (done.status !== 0 || !done.stdout.includes('"stored":2000')) throw new Error(`import failed: ${done.stderr}`);
  peakMb = Math.max(peakMb, Number(done.stderr.trim().split('\n').at(-1)) / 1024);
  return (performance.now() - started) / 1000;
}

async function copy(): Promise<number> {
  const folder = benchFolder();
  const started = performance.now();
  spawnSync('cp', ['-r', source, path.join(folder, 'copy')]);
  spawnSync('sync');
  return (performance.now() - started) / 1000;
}

const values = await alternate({
  lectern,
  orthanc: async () => {
    setAsideOrthanc();
    return (await figures.runFigure('orthanc-rest', { set: 'ct2000', runs: 1 })).seconds.median;
  },
  copy,
});
await figures.stopServers();
print('import', values, 's', {
  rateAgainstOrthanc: Number((median(values.orthanc) / median(values.lectern)).toFixed(2)),
  rateAgainstCopy: Number((median(values.copy) / median(values.lectern)).toFixed(2)),
  peakMemoryMb: Math.round(peakMb),
});
