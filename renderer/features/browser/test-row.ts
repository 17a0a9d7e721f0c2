// A study row for the tests of this folder.
import type { StudyRow } from '#shared/contract/views.ts';

export const testRow = (changed: Partial<StudyRow> = {}): StudyRow => ({
  studyUid: '1.2',
  patientKey: 'P1|',
  patientId: 'P1',
  issuer: '',
  patientName: 'Müller^Jörg=王^小東=おう^しょうとう',
  birthDate: '19700101',
  sex: 'M',
  studyDate: '20240517',
  studyTime: '101500',
  accession: 'ACC-77',
  studyId: '',
  description: 'CT Thorax nativ',
  referrer: 'Sømme^Å',
  modalities: ['CT', 'SR'],
  seriesCount: 1,
  instanceCount: 1,
  sizeBytes: 1,
  receivedAt: new Date(2026, 10, 24, 8).getTime(),
  repairedCount: 0,
  conflictCount: 0,
  missingCount: 0,
  isDemo: false,
  isPinned: false,
  ...changed,
});
