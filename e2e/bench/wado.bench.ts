// WADO-RS of a series of 200 instances from Orthanc into the archive; against `curl` to a file (asked: at least 0.9x its rate).
import { checkArchive, compare, CONNECTIONS, lectern, peer, portOf, SET, studyOf, timed } from './measure-transfers.ts';
import { dataSet } from './measure.ts';

if (SET !== 'ct200') throw new Error('the peer figure is of one series: run with BENCH_SET=ct200');
await compare(
  'wado',
  async (folder) => {
    const url = `http://127.0.0.1:${portOf('ORTHANC_HTTP_PORT', 18042)}/dicom-web`;
    lectern(folder, 'nodes', 'add', 'peer', '--dicomweb', url, ...CONNECTIONS);
    const seconds = await timed(() => lectern(folder, 'get', 'peer', studyOf(SET), '--via', 'wado', '--json'));
    checkArchive(folder, SET);
    return seconds;
  },
  { curl: 'wado-series-disk' },
  async () => {
    peer('orthanc.sh', 'start');
    peer('orthanc.sh', 'load', dataSet(SET));
  },
);
