// Warm study list, 200 CT slices in the archive: from Enter to all 200 decoded; against OHIF on Orthanc. Asked: at most 0.6x
// its time.
import { median, print, RUNS } from './measure.ts';
import { compareViewers } from './measure-viewer.ts';

const { ours, ohif } = await compareViewers('open-all', ['open-list'], RUNS);
const values = {
  lectern: ours.map((run) => run.openAll),
  ohif: ohif.map((run) => run.openFromListAllSeconds?.median ?? Number.NaN),
};
print('open-all', values, 's', {
  timeAgainstOhif: Number((median(values.lectern) / median(values.ohif)).toFixed(3)),
});
process.exit(0);
