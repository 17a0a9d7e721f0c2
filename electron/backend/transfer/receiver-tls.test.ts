// The receiver's certificate and its key are changed together: what does not fit leaves it listening as before.
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { backendForEachTest } from '#backend/routes/testing.ts';
import { hasOpenssl, makeAuthority, type TestAuthority } from '#backend/sources/dimse/testing/certificates.ts';
import type { NetworkView } from '#shared/contract/receiver.ts';
import { RECEIVER_SECRETS } from './receiver.ts';

describe.skipIf(!hasOpenssl)('the key of the receiver', () => {
  type Issued = ReturnType<TestAuthority['issue']>;
  let authority: TestAuthority;
  let first: Issued;
  let second: Issued;
  beforeAll(() => {
    authority = makeAuthority('Test');
    [first, second] = [authority.issue('IP:127.0.0.1'), authority.issue('IP:127.0.0.1')];
  });
  afterAll(() => authority.remove());

  const at = backendForEachTest();
  const put = async (change: object): Promise<string | undefined> => {
    const answer = await at.call('PUT', '/receiver', { host: '127.0.0.1', port: 0, ...change });
    return answer.ok ? undefined : ((await answer.json()) as { detail: string }).detail;
  };
  const tlsOf = ({ certificate }: Issued): object => ({ tls: { certificate, asksClientCertificate: false } });
  const key = (): Promise<string | undefined> => at.backend.open().nodes.vault.read(RECEIVER_SECRETS, 'key');
  const view = (): Promise<NetworkView> => at.got<NetworkView>('/receiver');
  const refusals = async (): Promise<number> => (await view()).refused.reduce((sum, { count }) => sum + count, 0);
  /** Whether who connects is shown this certificate. */
  async function shows({ certificate }: Issued): Promise<boolean> {
    const before = await refusals();
    const { port = 0 } = (await view()).address ?? {};
    const socket = tls.connect({ host: '127.0.0.1', port, ca: authority.ca });
    await once(socket, 'secureConnect');
    const shown = socket.getPeerX509Certificate()?.toString();
    socket.destroy();
    // Who asks for nothing counts as turned away.
    await expect.poll(refusals).toBe(before + 1);
    return shown?.trim() === certificate.trim();
  }
  async function takenPort(): Promise<{ port: number; close(): void }> {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
  }
  beforeEach(async () => {
    expect(await put({ ...tlsOf(first), secrets: { key: first.key } })).toBeUndefined();
  });

  test('goes with the certificate, and is renewed with it', async () => {
    expect(await shows(first)).toBe(true);
    expect(await put({ ...tlsOf(second), secrets: { key: second.key } })).toBeUndefined();
    expect([await shows(second), (await view()).hasKey]).toEqual([true, true]);
  });

  test('that does not belong to the certificate is not kept', async () => {
    const { address } = await view();
    expect(await put({ ...tlsOf(first), secrets: { key: second.key } })).toBe(
      'The key does not belong to the certificate.',
    );
    expect(await view()).toMatchObject({ state: 'listening', address, message: null });
    expect([await key(), await shows(first)]).toEqual([first.key, true]);
  });

  test('comes back with the settings where it cannot listen by the new ones', async () => {
    const taken = await takenPort();
    expect(await put({ ...tlsOf(second), port: taken.port, secrets: { key: second.key } })).toMatch(
      /another program listens there\. The settings are as they were\.$/,
    );
    taken.close();
    expect([await key(), await shows(first)]).toEqual([first.key, true]);
  });

  test('where it cannot go on by the settings before either, that is not called as it was', async () => {
    const taken = await takenPort();
    await at.backend.open().nodes.vault.set(RECEIVER_SECRETS, 'key', second.key);
    expect(await put({ ...tlsOf(second), port: taken.port })).toMatch(
      /another program listens there\. The settings are as they were, but it does not listen by them any more: The key does not belong to the certificate\.$/,
    );
    taken.close();
    expect(await view()).toMatchObject({ state: 'failed', message: 'The key does not belong to the certificate.' });
  });
});
