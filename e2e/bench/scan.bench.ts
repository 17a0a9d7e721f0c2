// Headers of 2,000 CT files to index records, one thread, warm; against dcmdump (8 attributes) and gdcmscanner. Asked: at
// least dcmdump's rate, towards gdcmscanner's.
// By profile, microseconds of a file: Zstandard 70 (of which half makes its context anew), values to JSON 60, element texts 35,
// open, read and close 40. One read instead of two, tags as texts made once, and each element's JSON made once took a quarter off.
import fs from 'node:fs';
import path from 'node:path';
import { recordOf } from '../../electron/backend/archive/instance-record.ts';
import { readInstance } from '../../shared/dicom/read-instance.ts';
import { alternate, dataSet, loadFigures, median, needPeers, print } from './measure.ts';

needPeers('scan', dataSet('ct2000'));
const figures = await loadFigures();
const root = fs.realpathSync(dataSet('ct2000'));
const files = fs
  .readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name));

async function lectern(): Promise<number> {
  const started = performance.now();
  for (const file of files) {
    const fd = fs.openSync(file, 'r');
    const { size } = fs.fstatSync(fd);
    const source = {
      size,
      read: (offset: number, length: number): Uint8Array => {
        const bytes = Buffer.allocUnsafe(length);
        return bytes.subarray(0, fs.readSync(fd, bytes, 0, length, offset));
      },
    };
    const parsed = readInstance(source);
    fs.closeSync(fd);
    if (!parsed.ok) throw new Error(file);
    recordOf(parsed.value);
  }
  return (performance.now() - started) / 1000;
}

const peer = (name: string) => async (): Promise<number> =>
  (await figures.runFigure(name, { set: 'ct2000', runs: 1 })).seconds.median;
const values = await alternate({ lectern, dcmdump: peer('scan-dcmdump'), gdcmscanner: peer('scan-gdcmscanner') });
await figures.stopServers();
print('scan', values, 's', {
  filesPerSecond: Math.round(files.length / median(values.lectern)),
  rateAgainstDcmdump: Number((median(values.dcmdump) / median(values.lectern)).toFixed(2)),
  rateAgainstGdcmscanner: Number((median(values.gdcmscanner) / median(values.lectern)).toFixed(2)),
});
process.exit(0);
