// Distinct slices painted per second over the loaded stack, wheel as fast as frames come, 1600x900; and memory with the study
// open. Against OHIF. Asked: at least 4x its slices per second, at most 0.7x its memory.
import { median, print, RUNS } from './measure.ts';
import { compareViewers } from './measure-viewer.ts';

const { ours, ohif } = await compareViewers('scroll', ['memory', 'scroll'], RUNS);
const values = {
  lectern: ours.map((run) => run.scroll),
  ohif: ohif.map((run) => run.scrollSlicesPerSecond?.median ?? Number.NaN),
  lecternHeapMb: ours.map((run) => run.heapMb),
  ohifHeapMb: ohif.map((run) => run.jsHeapMB?.median ?? Number.NaN),
  lecternPssMb: ours.map((run) => run.pssMb),
  ohifPssMb: ohif.map((run) => run.pssSumMB?.median ?? Number.NaN),
};
print('scroll', values, 'slices/s', {
  rateAgainstOhif: Number((median(values.lectern) / median(values.ohif)).toFixed(2)),
  cpuMsPerSlice: Number(median(ours.map((run) => run.cpuMsPerSlice)).toFixed(1)),
  heapAgainstOhif: Number((median(values.lecternHeapMb) / median(values.ohifHeapMb)).toFixed(2)),
  pssAgainstOhif: Number((median(values.lecternPssMb) / median(values.ohifPssMb)).toFixed(2)),
});
process.exit(0);
