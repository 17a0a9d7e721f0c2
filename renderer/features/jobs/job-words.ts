// Words for jobs and for the fates of files.
import type { Job } from '#shared/contract/views.ts';

const OUTCOME_WORDS: Record<string, string> = {
  stored: 'stored',
  repaired: 'repaired',
  duplicate: 'already here',
  conflict: 'in quarantine',
  refused: 'refused',
  'not-dicom': 'not DICOM',
};
export const outcomeWords = (outcome: string, kind?: Job['kind']): string =>
  kind === 'verify' && outcome === 'refused' ? 'damaged' : (OUTCOME_WORDS[outcome] ?? outcome);

export const countsText = (job: Job): string =>
  Object.entries(job.counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcomeWords(outcome, job.kind)}`)
    .join(', ');

export const STATE_WORDS: Record<Job['state'], string> = {
  queued: 'waiting',
  running: '',
  paused: 'paused',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};
