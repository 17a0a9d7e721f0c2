// The modality worklist of a day (PS3.4 K) as a list of whose priors are wanted.
import { textOf } from '#backend/archive/instance-record.ts';
import type { Source } from '#backend/sources/source.ts';
import { itemsOf } from '#shared/dicom/json-values.ts';
import { priorOf, type Prior } from './choose-priors.ts';
import { CUTS, MOST_LISTED } from './node-lists.ts';

/** Gives each entry that is planned for `today` (YYYYMMDD) to `onEntry`. Resolves with a sentence where the list did not come whole. */
export async function readWorklist(
  source: Source,
  today: string,
  onEntry: (entry: Prior) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const keys = [{ path: ['00400100', '00400002'], vr: 'DA', value: today }];
  let cut: string | undefined;
  for await (const answer of source.query({ level: 'worklist', keys, include: [], limit: MOST_LISTED }, signal)) {
    if (answer.kind === 'notice') {
      if (CUTS.has(answer.code)) cut ??= answer.reason;
      continue;
    }
    const steps = itemsOf(answer.dataset, '00400100');
    // Some pass over the date, and list all that was ever planned.
    const step = steps.find((each) => ['', today].includes(textOf(each, '00400002')));
    if (steps.length > 0 && !step) continue;
    const modality = step ? textOf(step, '00080060') : '';
    onEntry({ ...priorOf(answer.dataset), modalities: modality ? [modality] : [], date: today });
  }
  return cut;
}
