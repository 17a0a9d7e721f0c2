// What a C-GET proposes fits an association and the peers that break off at long lists; and what a data set's head tells.
import { describe, expect, test } from 'vitest';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from '#shared/dicom/transfer-syntaxes.ts';
import { CT, instanceBytes } from '../testing/wire.ts';
import { STORAGE_SOP_CLASSES } from '../tables/storage-sop-classes.ts';
import { TRANSFER_SYNTAXES } from '../tables/transfer-syntaxes.ts';
import { getProposals } from './get-proposals.ts';
import { peekUids } from './peek-uids.ts';

describe('getProposals', () => {
  test.each([
    ['nothing known', { modalities: [], sopClassUids: [] }],
    ['one modality', { modalities: ['CT'], sopClassUids: [] }],
    ['many modalities', { modalities: ['CT', 'MR', 'PT', 'US', 'SR', 'PR', 'RTPLAN', 'OP', 'XX'], sopClassUids: [] }],
    ['one class', { modalities: [], sopClassUids: [CT] }],
    ['every class', { modalities: ['CT'], sopClassUids: STORAGE_SOP_CLASSES.map(({ uid }) => uid) }],
  ])('%s: 127 contexts at most, 20 syntaxes at most in each', (_name, known) => {
    const proposals = getProposals(known, ['1.2.840.10008.1.2.4.80'], ['1.2.3.4']);
    expect(proposals.length).toBeLessThanOrEqual(127);
    expect(proposals.length).toBeGreaterThan(100);
    for (const { transferSyntaxUids } of proposals) {
      expect(transferSyntaxUids.length).toBeGreaterThan(0);
      expect(transferSyntaxUids.length).toBeLessThanOrEqual(20);
    }
  });

  test('a class that is known to come has every transfer syntax, nearly all on their own', () => {
    const own = getProposals({ modalities: [], sopClassUids: [CT] }).filter(
      ({ abstractSyntaxUid }) => abstractSyntaxUid === CT,
    );
    expect(new Set(own.flatMap(({ transferSyntaxUids }) => transferSyntaxUids))).toEqual(new Set(TRANSFER_SYNTAXES));
    expect(own.filter(({ transferSyntaxUids }) => transferSyntaxUids.length === 1).length).toBeGreaterThan(40);
  });

  test('a liked syntax comes first, a private class is proposed', () => {
    const proposals = getProposals({ modalities: ['CT'], sopClassUids: [] }, ['1.2.840.10008.1.2.5'], ['1.2.3.4']);
    expect(proposals[0]?.transferSyntaxUids).toEqual(['1.2.840.10008.1.2.5']);
    expect(proposals.some(({ abstractSyntaxUid }) => abstractSyntaxUid === '1.2.3.4')).toBe(true);
  });
});

describe('peekUids', () => {
  test.each([EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG])('in %s', (transferSyntaxUid) => {
    const bytes = instanceBytes('1.2.3', 4, CT, transferSyntaxUid);
    expect(peekUids(bytes, transferSyntaxUid)).toEqual({ sopClassUid: CT, sopInstanceUid: '1.2.3' });
    for (let length = 0; length < 60; length++)
      expect(() => peekUids(bytes.subarray(0, length), transferSyntaxUid)).not.toThrow();
  });
  test('what cannot be seen is not guessed', () => {
    expect(peekUids(Buffer.alloc(100, 0xff), EXPLICIT_LITTLE)).toEqual({});
    expect(peekUids(instanceBytes('1.2.3'), '1.2.840.10008.1.2.1.99')).toEqual({});
  });
});
