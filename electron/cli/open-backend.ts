// Opens the backend for one process of this machine's user: data folder, key folder, passphrase from the environment.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createBackend, type Backend } from '#backend/app.ts';
import { localPeople } from '#backend/people/people.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { UsageError } from './arguments.ts';

/** The user's own folder for data or configuration, by the custom of the system. */
function userFolder(kind: 'data' | 'config'): string {
  const home = os.homedir();
  if (process.platform === 'win32')
    return path.join(process.env['APPDATA'] ?? path.join(home, 'AppData', 'Roaming'), 'Lectern');
  if (process.platform === 'darwin')
    return path.join(home, 'Library', 'Application Support', kind === 'data' ? 'Lectern' : 'Lectern Keys');
  const base =
    kind === 'data'
      ? (process.env['XDG_DATA_HOME'] ?? path.join(home, '.local', 'share'))
      : (process.env['XDG_CONFIG_HOME'] ?? path.join(home, '.config'));
  return path.join(base, 'lectern');
}

export function dataFolder(given: string | undefined): string {
  return path.resolve(given ?? process.env['LECTERN_DATA'] ?? path.join(userFolder('data'), 'archive'));
}

/** Key files lie apart from the data: a copied data folder alone opens nothing. */
export function keyFolder(): string {
  return path.resolve(process.env['LECTERN_KEYS'] ?? path.join(userFolder('config'), 'keys'));
}

export function givenPassphrase(file: string | undefined): string | undefined {
  if (file === undefined) return process.env['LECTERN_PASSPHRASE'] || undefined;
  try {
    return fs.readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw new UsageError(`The passphrase file ${file} cannot be read.`);
  }
}

/** Opens the archive. Throws LecternError 'archive-locked' when its passphrase is missing, unless the page will ask for it. */
export async function openLocalBackend(
  data: string | undefined,
  passphraseFile: string | undefined,
  { mayBeLocked = false } = {},
): Promise<Backend> {
  const passphrase = givenPassphrase(passphraseFile);
  const backend = await createBackend({
    dataDir: dataFolder(data),
    keyDir: keyFolder(),
    version: '0.1.0',
    shell: 'browser',
    people: localPeople(os.userInfo().username),
    passphrase,
    onBug: (error) =>
      process.stderr.write(`lectern: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`),
  });
  if (mayBeLocked) return backend;
  // A locked archive is told now, in the same words for every command.
  try {
    backend.open();
  } catch (error) {
    await backend.close();
    if (!(error instanceof LecternError)) throw error;
    throw new LecternError(
      'archive-locked',
      'The archive is protected by a passphrase: give it in LECTERN_PASSPHRASE or by --passphrase-file.',
    );
  }
  return backend;
}
