// C-MOVE from dcmqrscp to our receiver; against `movescu` with `storescp +B` (asked: at least 1.0x its rate).
import { checkArchive, compare, lectern, portOf, SET, studyOf, timed } from './measure-transfers.ts';

await compare(
  'move',
  async (folder) => {
    lectern(folder, 'nodes', 'add', 'peer', '--dimse', `DCMQR@127.0.0.1:${portOf('QRSCP_PORT', 14200)}`);
    const port = String(portOf('LECTERN_PORT', 11112));
    const seconds = await timed(() =>
      lectern(folder, 'get', 'peer', studyOf(SET), '--via', 'move', '--aet', 'LECTERN', '--port', port, '--json'),
    );
    checkArchive(folder, SET);
    return seconds;
  },
  { movescu: 'movescu-qrscp' },
  async (figures) => void (await figures.runFigure('movescu-qrscp', { set: SET, runs: 1 })),
);
