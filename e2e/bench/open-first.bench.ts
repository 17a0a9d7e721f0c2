// Warm study list, 200 CT slices in the archive: from Enter to the first painted slice and to all 200 decoded; against OHIF on
// Orthanc. Asked: at most 0.5x its time to the first, 0.6x to all.
import { median, print, RUNS } from './measure.ts';
import { compareViewers } from './measure-viewer.ts';

const { ours, ohif } = await compareViewers('open-first', ['open-list'], RUNS);
const values = {
  lecternFirst: ours.map((run) => run.openFirst),
  ohifFirst: ohif.map((run) => run.openFromListSeconds?.median ?? Number.NaN),
  lecternAll: ours.map((run) => run.openAll),
  ohifAll: ohif.map((run) => run.openFromListAllSeconds?.median ?? Number.NaN),
};
print('open-first', values, 's', {
  timeAgainstOhif: Number((median(values.lecternFirst) / median(values.ohifFirst)).toFixed(3)),
  allAgainstOhif: Number((median(values.lecternAll) / median(values.ohifAll)).toFixed(3)),
});
process.exit(0);
