// C-GET of a study from dcmqrscp and from Orthanc into the archive; against `getscu +B` into a folder (asked: at least 0.8x its
// rate). BENCH_SET=ct200 for 200 instances, BENCH_PEER=orthanc for Orthanc.
import { checkArchive, compare, CONNECTIONS, lectern, portOf, SET, studyOf, timed } from './measure-transfers.ts';

const isOrthanc = process.env['BENCH_PEER'] === 'orthanc';
const address = isOrthanc
  ? `ORTHANC@127.0.0.1:${portOf('ORTHANC_DICOM_PORT', 14242)}`
  : `DCMQR@127.0.0.1:${portOf('QRSCP_PORT', 14200)}`;
const figure = isOrthanc ? 'getscu-orthanc' : 'getscu-qrscp';

await compare(
  'get',
  async (folder) => {
    lectern(folder, 'nodes', 'add', 'peer', '--dimse', address, ...CONNECTIONS);
    const seconds = await timed(() => lectern(folder, 'get', 'peer', studyOf(SET), '--via', 'get', '--json'));
    checkArchive(folder, SET);
    return seconds;
  },
  { [figure.replace('-', '_')]: figure },
  // The figure loads the peer, which then stays as it is.
  async (figures) => void (await figures.runFigure(figure, { set: SET, runs: 1 })),
);
