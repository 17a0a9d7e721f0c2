// 200 CT slices open and scrolled: JS heap after a collection, and PSS summed over the browser's processes; against OHIF.
// Asked: at most 0.7x its memory.
// What profiling found: Playwright keeps bodies of responses in the page's process (DevTools' network buffer, up to 100 MB on
// either side): the same study in a plain Chromium takes 607 MB where 749 are measured here. Of ours 105 MB are the pixels,
// about 320 a Chromium without any page. Frames were kept a second time by the browser's cache (50 MB): asked for with
// `no-store` since. Cornerstone3D costs 6 MB of heap and 12 of PSS. By allocator (memory-infra), the page's process: 106 MB
// of array buffers, which are the 105 MB of pixels once; 167 MB of DevTools' bodies and what else the engine buffers; 35 of
// scripts and heap. Two characters beyond Latin-1 in the chunk of Cornerstone3D kept its 3 MB of text at twice that size, in
// two places: 12 MB, gone since (renderer/vite.config.ts). What is left to save is in the pixels themselves.
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
