// 200 CT slices open and scrolled: JS heap after a collection, and PSS summed over the browser's processes; against OHIF.
// Asked: at most 0.7x its memory.
import { median, print, RUNS } from './measure.ts';
import { compareViewers } from './measure-viewer.ts';

const { ours, ohif } = await compareViewers('memory', ['memory'], RUNS);
const values = {
  lecternHeapMb: ours.map((run) => run.heapMb),
  ohifHeapMb: ohif.map((run) => run.jsHeapMB?.median ?? Number.NaN),
  lecternPssMb: ours.map((run) => run.pssMb),
  ohifPssMb: ohif.map((run) => run.pssSumMB?.median ?? Number.NaN),
};
print('memory', values, 'MB', {
  heapAgainstOhif: Number((median(values.lecternHeapMb) / median(values.ohifHeapMb)).toFixed(2)),
  pssAgainstOhif: Number((median(values.lecternPssMb) / median(values.ohifPssMb)).toFixed(2)),
});
process.exit(0);
