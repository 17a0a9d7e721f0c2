// 2,000 CT files (1.05 GB) by DCMTK's sender, one after the other: durable, encrypted, indexed, then success; against `storescp
// +B`, which does none of these (asked: at least 0.7x its rate), and Orthanc (at least 4x).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { dataSet } from './measure.ts';
import { checkArchive, compare, SET, startReceiver, timed } from './measure-transfers.ts';

await compare(
  'store-scp',
  async (folder) => {
    const receiver = await startReceiver(folder);
    const seconds = await timed(async () => {
      const sender = spawn(
        'storescu',
        ['-aec', 'LECTERN', '+sd', '+r', '127.0.0.1', String(receiver.port), fs.realpathSync(dataSet(SET))],
        { env: { ...process.env, TCP_NODELAY: '1' }, stdio: 'ignore' },
      );
      const [status] = (await once(sender, 'exit')) as [number | null];
      if (status !== 0) throw new Error(`storescu ended with ${status}`);
    });
    await receiver.stop();
    checkArchive(folder, SET);
    return seconds;
  },
  { storescp: 'storescp', orthanc: 'orthanc-dimse' },
);
