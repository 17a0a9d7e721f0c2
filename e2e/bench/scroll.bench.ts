// Distinct slices painted per second over the loaded stack, wheel as fast as frames come, 1600x900, no GPU; and the same with
// 20 lengths in the series. Against OHIF without any. Asked: at least 4x its slices per second.
// What profiling found (CPU by process): four fifths of the cost of a slice is the compositor's, in software GL; the page's
// own process takes 5 to 7 ms, and an empty frame of that size costs 24 ms. One text layer as large as the cell, blended over the picture, cost a third of the whole
// (44 ms against 30 in the GPU process): corner texts, letters and bars are small layers of their own since (viewer.css). A
// canvas kept in main memory (willReadFrequently) made it worse by half. A wheel listener that may cancel halves the wheel's
// events, so the library's is not registered (stage.ts). Traced again: one swap of the screen for each slice, 29 ms of
// processor in the GPU process, of which 23 are the same for a frame in which only a text changed (the whole window is
// composed and read back: `readPixels` waits for SwiftShader). Texts, letters and thumb together cost 2 ms there and 2 in the
// page's process. So a slice costs both of two processors 18 ms: alone on the machine 48 to 54 slices/s, and with anything
// else running every second frame of the screen is missed (28/s, as a run's least and greatest value show).
import { median, print, RUNS } from './measure.ts';
import { compareViewers } from './measure-viewer.ts';

const { ours, ohif } = await compareViewers('scroll', ['scroll'], RUNS);
const values = {
  lectern: ours.map((run) => run.scroll),
  lecternWith20Lengths: ours.map((run) => run.annotated),
  ohif: ohif.map((run) => run.scrollSlicesPerSecond?.median ?? Number.NaN),
};
const ratio = (side: readonly number[]): number => Number((median(side) / median(values.ohif)).toFixed(2));
print('scroll', values, 'slices/s', {
  rateAgainstOhif: ratio(values.lectern),
  with20LengthsAgainstOhif: ratio(values.lecternWith20Lengths),
  cpuMsPerSlice: Number(median(ours.map((run) => run.cpuMsPerSlice)).toFixed(1)),
  cpuMsPerSliceWith20Lengths: Number(median(ours.map((run) => run.annotatedCpuMsPerSlice)).toFixed(1)),
});
process.exit(0);
