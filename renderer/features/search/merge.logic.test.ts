import { describe, expect, test } from 'vitest';
import type { DicomJson } from '#shared/dicom/model.ts';
import { mergeStudies, stepOf, studyOf, type FoundStudy } from './merge.logic.ts';

const match = (changed: DicomJson = {}): DicomJson => ({
  '0020000D': { vr: 'UI', Value: ['1.2.3'] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Jörg', Ideographic: '王^小東' }] },
  '00100020': { vr: 'LO', Value: ['P-1'] },
  '00080061': { vr: 'CS', Value: ['CT'] },
  '00201208': { vr: 'IS', Value: [200] },
  ...changed,
});
const found = (node: string, changed?: DicomJson): FoundStudy => {
  const study = studyOf(node, match(changed));
  if (!study) throw new Error('no study');
  return study;
};

describe('matches of several nodes', () => {
  test('the same study is one row with its nodes; what one leaves open the other fills', () => {
    const merged = mergeStudies(
      found('A'),
      found('B', {
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'MÜLLER^JÖRG^^', Ideographic: '王^小東' }] },
        '00081030': { vr: 'LO', Value: ['Thorax'] },
        '00080061': { vr: 'CS', Value: ['CT', 'SR'] },
        '00201208': { vr: 'IS', Value: ['201'] },
        '00080056': { vr: 'CS', Value: ['NEARLINE'] },
      }),
    );
    expect(merged).toMatchObject({
      patientName: 'Müller^Jörg=王^小東',
      description: 'Thorax',
      modalities: ['CT', 'SR'],
      instanceCount: 201,
    });
    expect(merged.at.map(({ node, instanceCount, availability }) => [node, instanceCount, availability])).toEqual([
      ['A', 200, ''],
      ['B', 201, 'NEARLINE'],
    ]);
  });
  test('a node that answers twice is named once, by what it said last', () => {
    const merged = mergeStudies(found('A'), found('A', { '00201208': { vr: 'IS', Value: [250] } }));
    expect(merged.at).toHaveLength(1);
    expect(merged.instanceCount).toBe(250);
  });
  test('another patient under the same study UID is said', () => {
    const merged = mergeStudies(found('A'), found('B', { '00100020': { vr: 'LO', Value: ['P-2'] } }));
    expect(merged.differences).toEqual(['The patient ID differs: P-1 at A, P-2 at B.']);
    expect(merged.patientId).toBe('P-1');
  });
  test.each(['^', '^^^=^', ' ^ '])('the name %j is none: it hides no other and differs from none', (Alphabetic) => {
    const nameless = found('A', { '00100010': { vr: 'PN', Value: [{ Alphabetic, Ideographic: '^' }] } });
    const merged = mergeStudies(nameless, found('B'));
    expect(merged.patientName).toBe('Müller^Jörg=王^小東');
    expect(merged.differences).toEqual([]);
  });
  test('a count that is not said stays unknown, and one that is no number too', () => {
    expect(found('A', { '00201208': { vr: 'IS' } }).instanceCount).toBeUndefined();
    expect(found('A', { '00201208': { vr: 'IS', Value: ['many'] } }).instanceCount).toBeUndefined();
  });
  test('a match without a study UID is none, and so is one whose UID cannot be asked for', () => {
    expect(studyOf('A', match({ '0020000D': { vr: 'UI' } }))).toBeUndefined();
    for (const uid of ['../../../etc', '1.2 .3', `1.${'2'.repeat(63)}`])
      expect(studyOf('A', match({ '0020000D': { vr: 'UI', Value: [uid] } }))).toBeUndefined();
  });
});

test('a scheduled step is read out of its sequence', () => {
  const step = stepOf('WLM', {
    ...match(),
    '00400100': {
      vr: 'SQ',
      Value: [
        {
          '00080060': { vr: 'CS', Value: ['MR'] },
          '00400001': { vr: 'AE', Value: ['MR1'] },
          '00400002': { vr: 'DA', Value: ['20261125'] },
          '00400003': { vr: 'TM', Value: ['073000'] },
          '00400006': { vr: 'PN', Value: [{ Alphabetic: 'Performer^Paul' }] },
          '00400007': { vr: 'LO', Value: ['MR knee'] },
        },
      ],
    },
  });
  expect(step).toMatchObject({
    node: 'WLM',
    modality: 'MR',
    station: 'MR1',
    startDate: '20261125',
    startTime: '073000',
    performer: 'Performer^Paul',
    description: 'MR knee',
    studyUid: '1.2.3',
  });
});
