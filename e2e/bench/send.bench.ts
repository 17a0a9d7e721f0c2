// C-STORE of the set from the archive to `storescp +B`; against `storescu` from plain files (asked: at least 1.0x its rate).
import fs from 'node:fs';
import { temporaryFolder } from '../support/lectern.ts';
import { dataSet, needPeers } from './measure.ts';
import { compare, CONNECTIONS, countOf, lectern, peer, portOf, SET, studyOf, timed } from './measure-transfers.ts';

needPeers('send', dataSet(SET));
using source = temporaryFolder();
lectern(source.path, 'import', fs.realpathSync(dataSet(SET)));
lectern(
  source.path,
  'nodes',
  'add',
  'peer',
  '--dimse',
  `STORESCP@127.0.0.1:${portOf('STORESCP_PORT', 14100)}`,
  ...CONNECTIONS,
);
await compare(
  'send',
  async () => {
    peer('dcmtk.sh', 'start', 'storescp');
    let out = '';
    const seconds = await timed(() => {
      out = lectern(source.path, 'send', 'peer', studyOf(SET), '--json');
    });
    const { summary } = JSON.parse(out.trim().split('\n').at(-1) ?? '{}') as { summary: { sent: number } };
    if (summary.sent !== countOf(SET)) throw new Error(`${summary.sent} sent`);
    return seconds;
  },
  { storescu: 'storescp' },
);
