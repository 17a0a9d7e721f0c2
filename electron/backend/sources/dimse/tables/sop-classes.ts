// SOP classes of the services other than storage (PS3.4, PS3.6 Table A-1).
import type { QueryLevel } from '../../source.ts';

export const VERIFICATION = '1.2.840.10008.1.1';
export const STORAGE_COMMITMENT = '1.2.840.10008.1.20.1';
/** The well-known instance of storage commitment (PS3.4 J.3.2). */
export const STORAGE_COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';
export const WORKLIST_FIND = '1.2.840.10008.5.1.4.31';

export const QUERY_RETRIEVE = {
  patient: {
    find: '1.2.840.10008.5.1.4.1.2.1.1',
    move: '1.2.840.10008.5.1.4.1.2.1.2',
    get: '1.2.840.10008.5.1.4.1.2.1.3',
  },
  study: {
    find: '1.2.840.10008.5.1.4.1.2.2.1',
    move: '1.2.840.10008.5.1.4.1.2.2.2',
    get: '1.2.840.10008.5.1.4.1.2.2.3',
  },
} as const;

/** The study root has no patient level (PS3.4 C.6.2); patients are asked for in the patient root. */
export function findSopClass(level: QueryLevel, root: 'study' | 'patient'): string {
  if (level === 'worklist') return WORKLIST_FIND;
  return QUERY_RETRIEVE[level === 'patient' ? 'patient' : root].find;
}

/** (0008,0052); the worklist has none. */
export const QUERY_LEVEL_TEXT: Record<Exclude<QueryLevel, 'worklist'>, string> = {
  patient: 'PATIENT',
  study: 'STUDY',
  series: 'SERIES',
  instance: 'IMAGE',
};
