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
/** Where a kind of job has words of its own. */
const KIND_WORDS: Partial<Record<Job['kind'], Record<string, string>>> = {
  verify: { refused: 'damaged' },
  export: { stored: 'written', refused: 'damaged, not written' },
  retrieve: { refused: 'not received' },
  send: { stored: 'sent', repaired: 'sent with a remark', refused: 'not sent' },
};
export const outcomeWords = (outcome: string, kind?: Job['kind']): string =>
  (kind && KIND_WORDS[kind]?.[outcome]) ?? OUTCOME_WORDS[outcome] ?? outcome;

export const isTransfer = ({ kind }: Pick<Job, 'kind'>): boolean => kind === 'retrieve' || kind === 'send';

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
