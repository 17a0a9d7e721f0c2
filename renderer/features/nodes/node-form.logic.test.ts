import { describe, expect, test } from 'vitest';
import type { NodeSettings } from '#shared/contract/nodes.ts';
import { checkDraft, copyName, draftOf, EMPTY_DRAFT } from './node-form.logic.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
const PIN = Array.from({ length: 32 }, () => 'AB').join(':');

describe('a node through the form', () => {
  test.each<[string, NodeSettings]>([
    [
      'DIMSE, everything set',
      {
        kind: 'dimse',
        name: 'PACS Süd',
        aet: 'PACS',
        host: 'pacs.example.org',
        port: 11112,
        callingAet: 'LECTERN',
        retrieve: 'move',
        root: 'patient',
        moveDestinationAet: 'LECTERN2',
        charset: 'ISO_IR 100',
        preferredTransferSyntaxUids: ['1.2.840.10008.1.2.4.90', '1.2.840.10008.1.2.1'],
        privateSopClassUids: ['1.3.46.670589.5.0.1'],
        user: 'reader',
        connections: 4,
        tls: { ca: PEM, certificate: PEM, serverName: 'other.example.org', pinnedFingerprint: PIN },
      },
    ],
    [
      'DIMSE, plain',
      { kind: 'dimse', name: 'A', aet: 'A', host: '::1', port: 104, callingAet: 'B', retrieve: 'get', root: 'study' },
    ],
    ['TLS without any choice', { ...draftedDimse(), tls: {} }],
    ['DICOMweb', { kind: 'dicomweb', name: 'W', url: 'http://127.0.0.1:8042/dicom-web', auth: { kind: 'none' } }],
    [
      'DICOMweb with OAuth',
      {
        kind: 'dicomweb',
        name: 'W',
        url: 'https://pacs.example.org/rs',
        auth: {
          kind: 'oauth',
          grant: 'authorization-code',
          tokenUrl: 'https://id.example.org/token',
          authorizeUrl: 'https://id.example.org/authorize',
          clientId: 'lectern',
          scope: 'openid',
        },
        tls: { ca: PEM },
      },
    ],
  ])('%s comes back as it was', (_name, settings) => {
    expect(checkDraft(draftOf(settings), [])).toEqual({ ok: true, settings });
  });

  test('an address of IPv6 is taken in the brackets of a URL too', () => {
    const checked = checkDraft({ ...draftOf(draftedDimse()), host: '[::1]' }, []);
    expect(checked).toMatchObject({ ok: true, settings: { host: '::1' } });
  });

  test.each(['http://127.0.0.1/dicom-web?key=1', 'http://127.0.0.1/dicom-web#top'])(
    'the address %s is refused, for another one would be asked',
    (url) => {
      const checked = checkDraft({ ...EMPTY_DRAFT, kind: 'dicomweb', name: 'W', url }, []);
      expect(checked).toEqual({ ok: false, problems: { url: expect.stringContaining('no "?" and no "#"') as string } });
    },
  );

  function draftedDimse(): NodeSettings & { kind: 'dimse' } {
    return {
      kind: 'dimse',
      name: 'T',
      aet: 'T',
      host: 'h',
      port: 1,
      callingAet: 'L',
      retrieve: 'get',
      root: 'study',
    };
  }
});

test('each field that does not fit is named, in a sentence for a person', () => {
  const checked = checkDraft({ ...EMPTY_DRAFT, aet: 'SEVENTEEN LETTERS!', port: '70000', host: 'a b' }, []);
  expect(checked).toMatchObject({
    ok: false,
    problems: {
      name: expect.stringContaining('letters') as string,
      aet: 'An AE title has 1 to 16 characters, no backslash.',
      port: 'A port is a whole number from 1 to 65535.',
      host: 'A host is a name or an address, as pacs.example.org or 10.0.0.7.',
    },
  });
  const empty = checkDraft({ ...EMPTY_DRAFT, hasTls: true, pin: 'AB' }, []);
  expect(empty).toMatchObject({
    ok: false,
    problems: {
      host: 'A host is a name or an address, as pacs.example.org or 10.0.0.7.',
      pin: 'A SHA-256: 32 pairs of the digits 0 to 9 and A to F, with colons between.',
    },
  });
  const web = checkDraft({ ...EMPTY_DRAFT, kind: 'dicomweb', name: 'W', url: 'ftp://x', auth: 'basic' }, ['W']);
  expect(web).toMatchObject({ ok: false, problems: { name: expect.anything(), url: expect.anything() } });
  expect(web).toHaveProperty('problems.user');
});

test('a copy gets a name that is free', () => {
  expect(copyName('PACS', ['PACS', 'PACS 2'])).toBe('PACS 3');
  expect(copyName('PACS 2', ['PACS', 'PACS 2'])).toBe('PACS 3');
});
