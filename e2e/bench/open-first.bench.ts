// Warm study list, 200 CT slices in the archive: from Enter to the first painted slice, 1600x900, no GPU; against OHIF on
// Orthanc. Asked: at most 0.5x its time.
// Metadata and first frame are asked for at the key press, before the screen is built; Cornerstone3D is fetched while the
// study list rests and a stack is mounted in it only after it drew itself.
import { median, print, RUNS } from './measure.ts';
import { compareViewers } from './measure-viewer.ts';

const { ours, ohif } = await compareViewers('open-first', ['open-list'], RUNS);
const values = {
  lectern: ours.map((run) => run.openFirst),
  ohif: ohif.map((run) => run.openFromListSeconds?.median ?? Number.NaN),
};
print('open-first', values, 's', {
  timeAgainstOhif: Number((median(values.lectern) / median(values.ohif)).toFixed(3)),
});
process.exit(0);
