// Composition root: ports in, a fetch handler out. Opens the archive (or waits locked for its passphrase), puts the routes
// together. Knows every folder of the backend; nothing here knows Electron or a socket.
import { Hono } from 'hono';
import path from 'node:path';
import { LecternError } from '#shared/contract/errors.ts';
import type { Job, SessionInfo } from '#shared/contract/views.ts';
import { checkDataFolder } from './archive/data-folder.ts';
import { KeyEnvelope, type KeyStore } from './archive/key-envelope.ts';
import { FailedUnlocks } from './audit/failed-unlocks.ts';
import { setEngine } from './base/engine.ts';
import { lockFolder } from './base/database.ts';
import { makeFolder } from './base/durable-file.ts';
import { isOfDisk, notUsable } from './base/not-written.ts';
import { problemResponse } from './base/problem-response.ts';
import { runImport, type ImportInput } from './intake/import.ts';
import { isClosing } from './jobs/job-context.ts';
import { openParts, type OpenParts } from './open-parts.ts';
import type { People } from './people/people.ts';
import { apiRoutes, type OpenBackend } from './routes/api.ts';
import { commandRoutes, type CommandRunner } from './routes/command.ts';
import { dicomwebRoutes } from './routes/dicomweb/routes.ts';
import { exportRoutes } from './routes/exports.ts';
import { markRoutes } from './routes/marks.ts';
import { networkRoutes } from './routes/network.ts';
import { settingsRoutes } from './routes/settings.ts';

export interface BackendPorts {
  dataDir: string;
  /** Folder for key files; must lie outside `dataDir`. */
  keyDir: string;
  version: string;
  shell: 'browser' | 'electron';
  people: People;
  keyStore?: KeyStore;
  passphrase?: string | undefined;
  /** A program that stays, as opposed to a single command. */
  isResident?: boolean;
  /** Runs commands that are handed over by the command line; absent where the shell takes none. */
  runCommand?: CommandRunner;
  /** Told of failures that are bugs; must not print patient data. */
  onBug(error: unknown): void;
}

export interface Backend {
  fetch(request: Request): Promise<Response>;
  /** Finishes what is under way and closes; unfinished jobs go on at the next start. */
  close(): Promise<void>;
  /** The opened parts. Throws LecternError 'archive-locked'. */
  open(): OpenParts;
  session(): SessionInfo;
  unlock(passphrase: string): Promise<void>;
  setPassphrase(passphrase: string, current?: string): Promise<void>;
  addDemo(): Job;
  /** Resolves when no command that was handed over is running. */
  idle(): Promise<void>;
}

/** Throws LecternError 'disk-full' or 'not-written' with what cannot be opened, made or written, 'conflict' for a folder of something
 * else, and 'in-use' when another process has the data folder open. A missing passphrase is no error: the
 * backend starts locked. */
export async function createBackend(ports: BackendPorts): Promise<Backend> {
  try {
    return await openBackend(ports);
  } catch (error) {
    throw notUsable(ports.dataDir, error);
  }
}

async function openBackend(ports: BackendPorts): Promise<Backend> {
  setEngine();
  checkDataFolder(ports.dataDir);
  makeFolder(ports.dataDir);
  const lock = lockFolder(path.join(ports.dataDir, 'lock.db'));
  if (!lock)
    throw new LecternError(
      'in-use',
      `Another Lectern has ${ports.dataDir} open. Close it, or give another data folder.`,
    );
  const failedUnlocks = new FailedUnlocks(ports.dataDir);
  let envelope: KeyEnvelope;
  let opened: OpenParts | undefined;
  let opening: Promise<OpenParts> | undefined;
  try {
    envelope = await KeyEnvelope.openOrCreate(ports, ports.passphrase);
    if (envelope.protection !== 'passphrase' || ports.passphrase !== undefined)
      opened = await openParts(ports, await envelope.unlock(ports.passphrase), failedUnlocks);
  } catch (error) {
    if (error instanceof LecternError && error.code === 'wrong-passphrase') failedUnlocks.note();
    lock.release();
    throw error;
  }
  const open = (): OpenParts => {
    if (!opened) throw new LecternError('archive-locked', 'The archive is locked: give its passphrase.');
    return opened;
  };
  const session = (): SessionInfo => ({
    version: ports.version,
    shell: ports.shell,
    archive: {
      state: opened ? 'open' : 'locked',
      protection: envelope.protection,
      isWhole: opened?.archive.needsRebuild !== true,
      ...(opened?.archive.usage() ?? { freeBytes: 0, usedBytes: 0 }),
    },
    person: ports.people.current(),
    hasDemo: (opened?.archive.index.demoStudies().length ?? 0) > 0,
  });
  const commands = commandRoutes(ports.runCommand);
  const backend: Omit<Backend, 'fetch'> = {
    open,
    session,
    idle: commands.idle,
    unlock: async (passphrase) => {
      // Also where it is open: a page that shows it locked still must not take any passphrase for the right one.
      const keys = await envelope.unlock(passphrase).catch((error: unknown) => {
        if (opened) opened.useCases.audit('login-failed', 4, { detail: 'wrong passphrase' });
        else failedUnlocks.note();
        throw error;
      });
      if (opened) return;
      // Somebody else may have given it at the same time.
      opening ??= openParts(ports, keys, failedUnlocks)
        .catch((error: unknown) => {
          throw notUsable(ports.dataDir, error);
        })
        .finally(() => (opening = undefined));
      opened ??= await opening;
    },
    setPassphrase: async (passphrase, current) => {
      await envelope.setPassphrase(passphrase, current);
      open().useCases.audit('security-configuration', 0, { detail: 'passphrase set' });
      envelope.forgetKeyFile();
    },
    addDemo: () => open().jobs.start('demo', 'Demo studies', {}),
    close: async () => {
      if (opened) await opened.close();
      lock.release();
    },
  };
  return { ...backend, fetch: handlerOf(ports, backend, commands.app) };
}

function handlerOf(
  ports: BackendPorts,
  backend: Omit<Backend, 'fetch'>,
  commands: Hono,
): (request: Request) => Promise<Response> {
  const app = new Hono();
  app.use('/api/*', async (c, next) => {
    // A page of another origin cannot set this header without being asked about by the browser first. DICOMweb clients
    // bring a bearer token instead, which the server has checked.
    const isChange = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method);
    if (isChange && !c.req.header('x-lectern') && !c.req.header('authorization'))
      throw new LecternError('forbidden', 'Changes need the header x-lectern.');
    await next();
  });
  app.route('/api/dicomweb', dicomwebRoutes(backend.open));
  app.route('/api', settingsRoutes(backend.open));
  app.route('/api', exportRoutes(backend.open));
  app.route('/api', markRoutes(backend.open, ports.version));
  app.route('/api', commands);
  app.route('/api', networkRoutes(backend.open, ports.onBug));
  app.route(
    '/api',
    apiRoutes({
      open: backend.open,
      session: backend.session,
      unlock: backend.unlock,
      setPassphrase: (passphrase, current) => backend.setPassphrase(passphrase, current),
      startImport: (paths, password) => startImport(backend.open(), paths, password, ports.onBug),
      addDemo: backend.addDemo,
    }),
  );
  app.notFound(() => problemResponse(new LecternError('not-found', 'There is nothing under this address.')));
  app.onError((error) => {
    const known = isOfDisk(error) ? notUsable(ports.dataDir, error) : error;
    if (known instanceof LecternError) return problemResponse(known);
    ports.onBug(error);
    return problemResponse(new LecternError('internal', 'Something failed inside Lectern.'));
  });
  return async (request) => {
    const response = await app.fetch(request);
    // What is said of patients is not to lie in a browser's cache on disk.
    response.headers.set('cache-control', 'no-store');
    return response;
  };
}

/** An import whose ZIP password must not be kept cannot go on after a restart: it is driven from here. */
function startImport(
  parts: OpenBackend,
  paths: string[],
  password: string | undefined,
  onBug: (error: unknown) => void,
): Job {
  const title = paths.length === 1 ? path.basename(paths[0] ?? '') || 'Import' : `${paths.length} folders or files`;
  if (password === undefined) return parts.jobs.start('import', title, { paths } satisfies ImportInput);
  const driven = parts.jobs.startDriven('import', title);
  const audit = (isWhole: boolean): void => parts.useCases.auditImport(driven.job.counts, isWhole, 'folder or medium');
  runImport(parts.archive, driven.context, { paths }, password)
    .then(
      () => {
        driven.end('done', driven.job.message ?? undefined);
        audit(true);
      },
      (error: unknown) => {
        const { signal } = driven.context;
        // One that goes down with the program is told of at the next start.
        if (isClosing(signal)) return audit(false);
        if (signal.aborted) driven.end('cancelled', driven.job.message ?? undefined);
        else driven.end('failed', error instanceof LecternError ? error.message : 'Something failed inside Lectern.');
        audit(false);
      },
    )
    .catch(onBug);
  return driven.job;
}
