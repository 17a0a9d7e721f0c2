// Where a node's secrets go, and which are forgotten when that changes.
import { expect, test } from 'vitest';
import type { NodeSettings } from '#shared/contract/nodes.ts';
import { backendForEachTest } from '../routes/testing.ts';

const at = backendForEachTest();

const web: NodeSettings = {
  kind: 'dicomweb',
  name: 'Web',
  url: 'https://pacs.example/dicom-web',
  auth: { kind: 'basic', user: 'u' },
};
const signedIn: NodeSettings = {
  ...web,
  auth: {
    kind: 'oauth',
    grant: 'authorization-code',
    tokenUrl: 'https://idp.example/token',
    authorizeUrl: 'https://idp.example/authorize',
    clientId: 'lectern',
  },
};
const pin = Array.from({ length: 32 }, () => 'AB').join(':');
const dimse: NodeSettings = {
  kind: 'dimse',
  name: 'Pacs',
  aet: 'PACS',
  host: 'pacs.example',
  port: 104,
  callingAet: 'LECTERN',
  retrieve: 'get',
  root: 'study',
  user: 'u',
  tls: { pinnedFingerprint: pin },
};

async function withSecrets(settings: NodeSettings): Promise<void> {
  expect((await at.call('PUT', `/nodes/${settings.name}`, settings)).ok).toBe(true);
  const { vault } = at.backend.open().nodes;
  await vault.set(settings.name, 'password', 'BASECRET');
  if (settings.kind === 'dicomweb' && settings.auth.kind === 'oauth') await vault.set(settings.name, 'refresh', 'R');
}
/** What the answer to an edit says was forgotten, checked against what is left. */
async function forgottenBy(before: NodeSettings, after: NodeSettings): Promise<unknown> {
  await withSecrets(before);
  const { vault } = at.backend.open().nodes;
  const had = vault.names(before.name);
  const answer = await at.call('PUT', `/nodes/${before.name}`, after);
  const { forgotten } = (await answer.json()) as { forgotten: string[] };
  expect(vault.names(after.name)).toEqual(had.filter((name) => !forgotten.includes(name)));
  return forgotten;
}

test('a file of nodes takes no stored secret to an address of its own', async () => {
  await withSecrets(web);
  await withSecrets(dimse);
  const nodes = [{ ...web, url: 'https://elsewhere.example/' }, dimse, { ...web, name: 'New' }];
  const answer = await at.call('POST', '/nodes-import', { nodes });
  expect(await answer.json()).toEqual({ imported: 3, forgotten: { Web: ['password'], Pacs: ['password'] } });
  const { vault } = at.backend.open().nodes;
  expect([vault.names('Web'), vault.names('Pacs')]).toEqual([[], []]);
});

test.each([
  [
    'a certificate that cannot be read',
    { ...web, name: 'Bad', tls: { certificate: '-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n' } },
    'of Bad: ',
  ],
  ['a name that comes twice', { ...web, name: 'New' }, 'two nodes New'],
])('of a file of nodes with %s nothing is taken', async (_what, bad, said) => {
  await withSecrets(web);
  const nodes = [{ ...web, url: 'https://elsewhere.example/' }, { ...web, name: 'New' }, bad];
  const answer = await at.call('POST', '/nodes-import', { nodes });
  expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
    400,
    expect.stringContaining(said),
  ]);
  const { nodes: kept } = at.backend.open();
  expect([kept.list().map(({ settings }) => settings), kept.vault.names('Web')]).toEqual([[web], ['password']]);
});

test('an edit that sends secrets elsewhere forgets them, and says so', async () => {
  expect(await forgottenBy(web, { ...web, url: 'https://pacs.example:8443/dicom-web' })).toEqual(['password']);
  expect(await forgottenBy(web, { ...web, url: 'http://pacs.example/dicom-web' })).toEqual(['password']);
  expect(await forgottenBy(web, { ...web, tls: { serverName: 'other' } })).toEqual(['password']);
  expect(await forgottenBy(web, signedIn)).toEqual(['password']);
  const { auth } = signedIn;
  for (const change of [{ tokenUrl: 'https://x/' }, { authorizeUrl: 'https://x/' }, { clientId: 'x' }])
    expect(await forgottenBy(signedIn, { ...signedIn, auth: { ...auth, ...change } })).toEqual(['password', 'refresh']);
  expect(await forgottenBy(dimse, { ...dimse, host: 'elsewhere.example' })).toEqual(['password']);
  expect(await forgottenBy(dimse, { ...dimse, port: 11112 })).toEqual(['password']);
  expect(await forgottenBy(dimse, { ...dimse, tls: {} })).toEqual(['password']);
  const { tls: _tls, ...plain } = dimse;
  expect(await forgottenBy(dimse, plain)).toEqual(['password']);
  expect(await forgottenBy(dimse, { ...dimse, name: 'Renamed', port: 11112 })).toEqual(['password']);
});

test('any other edit keeps them', async () => {
  expect(await forgottenBy(web, { ...web, url: 'https://pacs.example/other', connections: 2 })).toEqual([]);
  expect(await forgottenBy(web, { ...web, tls: { pinnedFingerprint: pin } })).toEqual([]);
  expect(await forgottenBy(web, { ...web, name: 'Renamed' })).toEqual([]);
  expect(await forgottenBy(dimse, { ...dimse, aet: 'OTHER', retrieve: 'move' })).toEqual([]);
});

test('a bearer token is kept without the blanks around it; one that cannot stand in a header is refused in words', async () => {
  await at.call('PUT', '/nodes/Web', { ...web, auth: { kind: 'bearer' } });
  const { vault } = at.backend.open().nodes;
  const set = (value: string): Promise<Response> => at.call('PUT', '/nodes/Web/secrets/password', { value });
  expect((await set(' \tey.J0-_~+/=\r\n')).status).toBe(204);
  expect(await vault.read('Web', 'password')).toBe('ey.J0-_~+/=');
  for (const token of ['ey\nJ0', 'tök€n', 'a b', ' \n']) {
    const answer = await set(token);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      detail:
        'The token of Web cannot be sent: it is empty, or has blanks, line breaks or letters beyond ASCII; copy it anew.',
    });
  }
  expect(await vault.read('Web', 'password')).toBe('ey.J0-_~+/=');
  // As a version before this one kept it.
  await vault.set('Web', 'password', 'ey\nJ0');
  await expect(at.backend.open().transfers.with('Web', () => Promise.resolve())).rejects.toMatchObject({
    code: 'peer-credentials',
    message: 'The token of Web cannot be sent: set it anew.',
  });
});
