// Entry of the backend's process under Electron: the same backend and loopback server as in the browser shell, without a
// page; its start options and the system's key store come from main by message.
import os from 'node:os';
import { createBackend, type Backend } from '#backend/app.ts';
import type { LoopbackServer } from '#backend/loopback-server.ts';
import { stderrLine } from '#backend/base/stderr-line.ts';
import { localPeople } from '#backend/people/people.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { UsageError } from '../cli/arguments.ts';
import { givenPassphrase } from '../cli/call-passphrases.ts';
import { dataFolder, keyFolder, serveOnLoopback } from '../cli/open-backend.ts';
import { runHandedCommand } from '../cli/run-command.ts';
import { toBackend, type FromBackend, type StartMessage } from './backend-messages.ts';
import { createRemoteKeyStore } from './remote-key-store.ts';

const port = process.parentPort;
const send = (message: FromBackend): void => port.postMessage(message);
const keys = createRemoteKeyStore(send);
let running: { backend: Backend; server: LoopbackServer } | undefined;

const onBug = (error: unknown): void => void process.stderr.write(stderrLine(error));

async function start(options: StartMessage): Promise<void> {
  const backend = await createBackend({
    dataDir: dataFolder(options.data),
    keyDir: keyFolder(),
    version: options.version,
    shell: 'electron',
    isResident: true,
    people: localPeople(os.userInfo().username),
    passphrase: givenPassphrase(options.passphraseFile),
    runCommand: (argv, io): ReturnType<typeof runHandedCommand> => runHandedCommand(argv, io, backend),
    ...(options.hasKeyStore && { keyStore: keys.keyStore }),
    onBug,
  });
  const server = await serveOnLoopback(backend, options.data, { port: 0 });
  running = { backend, server };
  if (!options.isDemoForbidden) addDemoWhereEmpty(backend, options.isDemoForced);
  send({ kind: 'serving', origin: server.origin, token: server.token });
}

function addDemoWhereEmpty(backend: Backend, isForced: boolean): void {
  try {
    if (isForced || backend.open().archive.index.totals().studies === 0) backend.addDemo();
  } catch (error) {
    if (!(error instanceof LecternError) || error.code !== 'archive-locked') throw error;
  }
}

async function stop(): Promise<void> {
  await running?.server.close();
  await running?.backend.close();
  process.exit(0);
}

port.on('message', ({ data }) => {
  const message = toBackend.parse(data);
  if (message.kind === 'key-reply') keys.settle(message.id, message.bytes, message.failure);
  else if (message.kind === 'stop') void stop();
  else
    start(message).catch((error: unknown) => {
      const isExpected = error instanceof LecternError || error instanceof UsageError;
      if (!isExpected) onBug(error);
      send({ kind: 'failed', sentence: isExpected ? error.message : 'The backend could not start.' });
    });
});
