// Where a found study stands on this machine: here, partly, on its way, or not at all. Pure.
import { shownDate } from '#shared/dicom/date-time.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import type { Job, StudyRow } from '#shared/contract/views.ts';
import type { FoundStudy } from './merge.logic.ts';

export type LocalState =
  | { kind: 'absent' }
  | { kind: 'here' }
  /** `known`: instances that it should have; undefined where no node says. */
  | { kind: 'partial'; here: number; known: number | undefined }
  | { kind: 'coming'; job: Job };

export function localStateOf(
  study: FoundStudy,
  rows: ReadonlyMap<string, StudyRow>,
  jobs: ReadonlyMap<string, Job>,
): LocalState {
  const job = jobs.get(study.studyUid);
  if (job) return { kind: 'coming', job };
  const row = rows.get(study.studyUid);
  if (!row || row.instanceCount === 0) return { kind: 'absent' };
  // Either the archive knows that something did not come, or a node has more than is here.
  const known = Math.max(row.instanceCount + row.missingCount, study.instanceCount ?? 0);
  const here = row.instanceCount - row.damagedCount;
  return known > here ? { kind: 'partial', here, known } : { kind: 'here' };
}

/** Retrievals under way by study. */
export function retrievalsOf(jobs: readonly Job[]): Map<string, Job> {
  const found = new Map<string, Job>();
  for (const job of jobs)
    if (job.kind === 'retrieve' && job.finishedAt === null && job.studyUid !== undefined) found.set(job.studyUid, job);
  return found;
}

export function localWords(state: LocalState): string {
  switch (state.kind) {
    case 'absent':
      return 'not here';
    case 'here':
      return 'here';
    case 'partial':
      return `incomplete, ${state.here} of ${state.known ?? 'an unknown number'}`;
    case 'coming': {
      const { job } = state;
      const of = job.itemsTotal === null ? `${job.itemsDone}` : `${job.itemsDone} of ${job.itemsTotal}`;
      if (job.state === 'queued') return 'waiting its turn';
      return job.state === 'paused' ? `paused, ${of}` : `arriving, ${of}`;
    }
  }
}

/** Node to retrieve from: the first that has it on line and has most of it. */
export function bestNodeOf(study: FoundStudy): string | undefined {
  const most = study.instanceCount;
  const [best] = study.at
    .map((each, place) => ({
      node: each.node,
      rank: (each.availability === '' ? 0 : 2) + (most !== undefined && each.instanceCount !== most ? 1 : 0),
      place,
    }))
    .sort((a, b) => a.rank - b.rank || a.place - b.place);
  return best?.node;
}

/** Of the job: whose study it is first, for two patients of one day. */
export const retrievalTitle = (study: FoundStudy): string =>
  [
    displayPersonName(study.patientName) || 'No name',
    study.patientId,
    study.modalities.join(' '),
    study.description,
    shownDate(study.studyDate),
  ]
    .filter(Boolean)
    .join(', ');
