import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasOpenssl, makeAuthority, type TestAuthority } from '#backend/sources/dimse/testing/certificates.ts';
import type { NodeSettings, TestStep } from '#shared/contract/nodes.ts';
import { withCertificate } from './peek-certificate.ts';

const FAILED: TestStep = { step: 'tls', outcome: 'failed', detail: 'its authority is not known' };
const nodeAt = (port: number): NodeSettings => ({
  kind: 'dimse',
  name: 'n',
  aet: 'A',
  host: '127.0.0.1',
  port,
  callingAet: 'B',
  retrieve: 'get',
  root: 'study',
  tls: {},
});
const { signal } = new AbortController();

describe.skipIf(!hasOpenssl)('the certificate of a node whose TLS failed', () => {
  let authority: TestAuthority;
  let server: tls.Server;
  beforeAll(async () => {
    authority = makeAuthority('nobody knows it');
    const { certificate, key } = authority.issue('IP:127.0.0.1');
    server = tls.createServer({ cert: certificate, key });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    authority.remove();
  });

  test('is shown, so that it can be judged and pinned', async () => {
    const { port } = server.address() as AddressInfo;
    const step = await withCertificate(FAILED, nodeAt(port), signal);
    expect(step).toMatchObject({ ...FAILED, certificate: { subject: expect.stringContaining('leaf') as string } });
    expect(step.certificate?.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });
  test('only for that step, and only where there is one', async () => {
    const { port } = server.address() as AddressInfo;
    const passed: TestStep = { ...FAILED, outcome: 'ok' };
    expect(await withCertificate(passed, nodeAt(port), signal)).toBe(passed);
    expect(await withCertificate(FAILED, nodeAt(1), signal)).toBe(FAILED);
  });
});
