// What is said where the list of studies is while the index is to be made anew: the archive is full, and its list is not.
import type { Job } from '#shared/contract/views.ts';

export interface IndexWords {
  text: string;
  /** What lets the rebuild go on, where it does not by itself. */
  help?: { label: string; jobId: string; what: 'resume' | 'again' };
}

const LISTED = 'Not all studies are listed until that is done.';

/** `jobs`: newest first. */
export function indexWords(jobs: readonly Job[]): IndexWords {
  const job = jobs.find(({ kind }) => kind === 'rebuild');
  if (job?.state === 'paused')
    return {
      text: `The index of the archive has to be made anew from the stored files, and that is paused. ${LISTED}`,
      help: { label: 'Let it go on', jobId: job.id, what: 'resume' },
    };
  if (job && job.finishedAt !== null)
    return {
      text: `The index of the archive has to be made anew from the stored files. ${LISTED}`,
      help: { label: 'Make it anew', jobId: job.id, what: 'again' },
    };
  return { text: `The index of the archive is being made anew from the stored files. ${LISTED}` };
}
