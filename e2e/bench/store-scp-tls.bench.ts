// 2,000 CT files (1.05 GB) by DCMTK's sender over TLS 1.3 with a client certificate: durable, encrypted, indexed, then success;
// against `storescp +tls +B`, which only writes them (asked: at least 1.0x its rate).
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { startShell } from '../support/lectern.ts';
import { signIn } from '../support/shell-session.ts';
import { DEFAULT_RECEIVER } from '#shared/contract/receiver.ts';
import { PEERS_HOME } from './measure.ts';
import { checkArchive, compare, SET, startReceiver, storescu } from './measure-transfers.ts';

const file = (name: string): string => path.join(PEERS_HOME, 'tls', name);
const pem = (name: string): string => fs.readFileSync(file(name), 'latin1');

/** As a person sets it up, so that the next start of this data folder listens with TLS. */
async function setUpTls(folder: string): Promise<void> {
  const shell = await startShell(folder);
  const api = await signIn(shell);
  const settings = { ...DEFAULT_RECEIVER, port: 0, tls: { ca: pem('ca.crt'), certificate: pem('server.crt') } };
  await api('/api/receiver', { method: 'PUT', body: { ...settings, secrets: { key: pem('server.key') } } });
  await shell.stop();
}

/** Throws unless the receiver speaks the version that is to be measured. */
async function checkVersion(port: number): Promise<void> {
  const socket = tls.connect({ port, ca: pem('ca.crt'), cert: pem('client.crt'), key: pem('client.key') });
  await once(socket, 'secureConnect');
  const version = socket.getProtocol();
  socket.destroy();
  if (version !== 'TLSv1.3') throw new Error(`the receiver speaks ${version}`);
}

await compare(
  'store-scp-tls',
  async (folder) => {
    await setUpTls(folder);
    const receiver = await startReceiver(folder);
    await checkVersion(receiver.port);
    const credentials = ['+tls', file('client.key'), file('client.crt'), '+cf', file('ca.crt')];
    const seconds = await storescu(receiver.port, ...credentials);
    await receiver.stop();
    checkArchive(folder, SET);
    return seconds;
  },
  { storescp: 'storescp-tls' },
  // Makes the certificates where there are none yet.
  async (figures) => void (await figures.runFigure('storescp-tls', { set: SET, runs: 1 })),
);
