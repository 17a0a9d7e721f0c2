// Opens the backend for one process of this machine's user: data folder, key folder, passphrase from the environment.
import os from 'node:os';
import path from 'node:path';
import { createBackend, type Backend } from '#backend/app.ts';
import { startLoopbackServer, type LoopbackServer } from '#backend/loopback-server.ts';
import { stderrLine } from '#backend/base/stderr-line.ts';
import { leaveRunningNote } from '#backend/running-note.ts';
import { localPeople } from '#backend/people/people.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { UsageError } from './arguments.ts';
import { unusedPassphrase, type CallPassphrases } from './call-passphrases.ts';
import { runHandedCommand } from './run-command.ts';

/** The user's own folder for data or configuration, by the custom of the system. */
function userFolder(kind: 'data' | 'config'): string {
  const home = os.homedir();
  if (process.platform === 'win32')
    return path.join(process.env['APPDATA'] || path.join(home, 'AppData', 'Roaming'), 'Lectern');
  if (process.platform === 'darwin')
    return path.join(home, 'Library', 'Application Support', kind === 'data' ? 'Lectern' : 'Lectern Keys');
  const base =
    kind === 'data'
      ? process.env['XDG_DATA_HOME'] || path.join(home, '.local', 'share')
      : process.env['XDG_CONFIG_HOME'] || path.join(home, '.config');
  return path.join(base, 'lectern');
}

/** Throws UsageError. */
export function dataFolder(given: string | undefined): string {
  const [folder, by] = given === undefined ? [process.env['LECTERN_DATA'], 'LECTERN_DATA'] : [given, '--data'];
  return named(folder, by) ?? path.resolve(userFolder('data'), 'archive');
}

/** Key files lie apart from the data: a copied data folder alone opens nothing. Throws UsageError. */
export function keyFolder(): string {
  return named(process.env['LECTERN_KEYS'], 'LECTERN_KEYS') ?? path.resolve(userFolder('config'), 'keys');
}

/** Empty it would be whatever folder the person stands in. */
function named(folder: string | undefined, by: string): string | undefined {
  if (folder === '') throw new UsageError(`${by} is empty: it is to name a folder.`);
  return folder === undefined ? undefined : path.resolve(folder);
}

/** Another Lectern has the data folder open. */
export class DataFolderTaken extends LecternError {
  readonly dataDir: string;
  constructor(dataDir: string) {
    super('conflict', `Another Lectern has ${dataDir} open. Close it, or give another data folder.`);
    this.dataDir = dataDir;
  }
}

/** Opens the backend of the data folder, locked where its passphrase is missing. Throws DataFolderTaken, UsageError, LecternError. */
export async function openLocalBackend(
  data: string | undefined,
  passphrase: string | undefined,
  { isResident = false } = {},
): Promise<Backend> {
  const dataDir = dataFolder(data);
  const backend = await createBackend({
    dataDir,
    keyDir: keyFolder(),
    version: '0.1.0',
    shell: 'browser',
    isResident,
    people: localPeople(os.userInfo().username),
    passphrase,
    runCommand: (argv, io): ReturnType<typeof runHandedCommand> => runHandedCommand(argv, io, backend),
    onBug: (error) => void process.stderr.write(stderrLine(error)),
  }).catch((error: unknown) => {
    throw error instanceof LecternError && error.code === 'in-use' ? new DataFolderTaken(dataDir) : error;
  });
  const unused = unusedPassphrase(backend.session().archive, passphrase);
  if (unused !== undefined) process.stderr.write(`lectern: ${unused}\n`);
  return backend;
}

/** Serves the backend on loopback and says so in the data folder, for commands that find it taken. */
export async function serveOnLoopback(
  backend: Backend,
  data: string | undefined,
  options: { port: number; page?: (request: Request) => Promise<Response> },
): Promise<LoopbackServer> {
  const server = await startLoopbackServer({ ...options, api: (request) => backend.fetch(request) });
  const takeNote = leaveRunningNote(dataFolder(data), server);
  return {
    ...server,
    finish: () => {
      takeNote();
      return server.finish();
    },
    close: () => {
      takeNote();
      return server.close();
    },
  };
}

export interface OpenedForCommands {
  backend: Backend;
  /** Waits for commands that others handed over, then closes. */
  close(): Promise<void>;
}

/** Opens the archive for a command. Throws DataFolderTaken, or LecternError 'archive-locked' when its passphrase is missing. */
export async function openForCommands(
  data: string | undefined,
  passphrases: CallPassphrases,
): Promise<OpenedForCommands> {
  const backend = await openLocalBackend(data, passphrases.given);
  try {
    if (backend.session().archive.state === 'locked') await passphrases.unlock(backend.unlock);
  } catch (error) {
    await backend.close();
    throw error;
  }
  const { archive, jobs, renewals } = backend.open();
  for (const sentence of renewals.sentences) process.stderr.write(`lectern: ${sentence}\n`);
  if (archive.needsRebuild) {
    const { damaged, missing } = await archive.rebuild();
    jobs.endPaused('rebuild');
    if (damaged.length + missing.length)
      process.stderr.write(
        `lectern: ${damaged.length} stored files are damaged and ${missing.length} missing, and not in the index that was made anew; "lectern verify" names them.\n`,
      );
  }
  const server = await serveOnLoopback(backend, data, { port: 0 });
  return {
    backend,
    close: async () => {
      await backend.idle();
      // One may have come just before the door was shut.
      await server.finish();
      await backend.idle();
      await server.close();
      await backend.close();
    },
  };
}
