// Hands dropped or chosen files to the backend, three at a time, as one job that can be paused and cancelled.
import type { Job } from '#shared/contract/views.ts';
import { backend, BackendError } from '../../backend-client/client.ts';
import type { ArchiveStore } from '../archive/index.ts';

export interface NamedFile {
  path: string;
  file: File;
}

/** A file or folder that could not be read here, and why: a line of the job's report. */
export interface Unread {
  path: string;
  reason: string;
}

/** What was dropped or chosen. */
export interface Found {
  files: readonly NamedFile[];
  unread: readonly Unread[];
}

/** What browsers call it when a file cannot be read (File API 6.5), in words that help. */
const UNREAD_WORDS: Readonly<Record<string, string>> = {
  NotFoundError: 'This is not there any more.',
  NotReadableError: 'This was changed since it was chosen, or may not be read by this account: import it again.',
};

export const reasonOf = (error: unknown): string =>
  (error instanceof DOMException ? UNREAD_WORDS[error.name] : undefined) ??
  `This could not be read: ${error instanceof Error ? error.message : String(error)}`;

const PIECE = 4 * 1024 * 1024;

/** Why a file cannot be read to its end; undefined where it can. */
async function whyUnread(file: File): Promise<string | undefined> {
  try {
    // Piece by piece: a stream would not say what the matter is.
    for (let at = 0; at === 0 || at < file.size; at += PIECE) await file.slice(at, at + PIECE).arrayBuffer();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

export const filesOfInput = (list: FileList): NamedFile[] =>
  [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Files that were found side by side may have one name: the report has a line for each, by its path. */
export function withOwnPaths<T extends { path: string }>(found: readonly T[], taken = new Set<string>()): T[] {
  return found.map((each) => {
    let { path } = each;
    for (let number = 2; taken.has(path); number++) path = `${each.path} (${number})`;
    taken.add(path);
    return { ...each, path };
  });
}

/** Names that a title says of what was chosen side by side. */
const TITLE_NAMES = 2;

/** Of the job: a file by its path, a folder by its name; of several the number, and what the first are called. */
export function titleOf(found: readonly { path: string }[]): string {
  const tops = [...new Set(found.map(({ path }) => path.split('/', 1)[0] ?? ''))];
  const [top = ''] = tops;
  if (found.length === 1) return found[0]?.path ?? '';
  if (tops.length === 1) return `${top} (${found.length} files)`;
  const names = tops.slice(0, TITLE_NAMES).join(', ');
  return `${found.length} files (${names}${tops.length > TITLE_NAMES ? ', …' : ''})`;
}

const AT_ONCE = 3;
/** How long a backend that does not answer is asked again, and the pauses between. */
const PERSIST_MS = 60_000;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [500, 10_000];

const isAway = (error: unknown): boolean => error instanceof BackendError && error.code === 'unreachable';

/** Makes a call again, with growing pauses, while the backend does not answer it. */
async function persist<T>(call: () => Promise<T>, forMs = PERSIST_MS): Promise<T> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let waitedMs = 0; ; waitedMs += pauseMs, pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!isAway(error) || waitedMs >= forMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Resolves when a job is not paused any more: without a request that waits for it, since a browser has six connections in all. */
async function untilResumed(jobId: string, store: Jobs): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (jobs: readonly Job[]): void => {
    if (jobs.find(({ id }) => id === jobId)?.state !== 'paused') resolve();
  };
  const off = store.subscribe(() => look(store.state().jobs));
  try {
    // It may have gone on before the store was told of the pause.
    look((await persist(backend.jobs)).jobs);
    await promise;
  } finally {
    off();
  }
}

/** While files are on their way, leaving the page is asked about; leaving ends the job instead of letting it hang. */
function guardPage(jobId: string): () => void {
  const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
  const end = (): void => void backend.leaveUpload(jobId).catch(() => undefined);
  addEventListener('beforeunload', warn);
  addEventListener('pagehide', end);
  return () => {
    removeEventListener('beforeunload', warn);
    removeEventListener('pagehide', end);
  };
}

type Jobs = Pick<ArchiveStore, 'state' | 'subscribe'>;

/** What came of an upload that the person still has to do with. */
export interface Uploaded {
  jobId: string;
  /** ZIP files that want a password; another one, where one was given. */
  locked: NamedFile[];
}

/** As media show its name; without a folder around it. A browser hands over no file that was not chosen. */
const LONE_DICOMDIR = /^dicomdir\.?(;\d+)?$/i;

/** Resolves once all files are handed over, or the job has ended before: cancelled, or failed since the line was cut for long. What
 * cannot be read is told in the job's report; where the backend fails, the job ends and this rejects with BackendError. */
export async function upload(found: Found, store: Jobs, password?: string): Promise<Uploaded> {
  const paths = new Set<string>();
  const [files, unread] = [withOwnPaths(found.files, paths), withOwnPaths(found.unread, paths)];
  const count = files.length + unread.length;
  if (count === 0) throw new BackendError('not-found', 'There is nothing to import: no file is in it.');
  if (unread.length === 0 && files.every(({ path }) => LONE_DICOMDIR.test(path)))
    throw new BackendError(
      'bad-request',
      'A DICOMDIR only lists the files of a medium: choose or drop the folder that it lies in.',
    );
  const { job } = await backend.beginUpload(
    titleOf([...files, ...unread]),
    count,
    files.reduce((sum, { file }) => sum + file.size, 0),
  );
  const release = guardPage(job.id);
  const queue = files.values();
  const locked: NamedFile[] = [];
  let isOver = false;
  let isPaused = false;
  const hand = async (named: NamedFile): Promise<void> => {
    const answer = await persist(async () => {
      try {
        return await backend.uploadFile(job.id, named.path, named.file, password);
      } catch (error) {
        // The same failure, whether the backend is away or the file.
        const reason = isAway(error) ? await whyUnread(named.file) : undefined;
        if (reason === undefined) throw error;
        return reason;
      }
    });
    if (typeof answer === 'string') return persist(() => backend.reportUnread(job.id, named.path, answer));
    ({ isPaused } = answer);
    if (answer.reports.some(({ code }) => code === 'password-needed')) locked.push(named);
  };
  const lane = async (): Promise<void> => {
    for (const named of queue) {
      if (isPaused) await untilResumed(job.id, store);
      isPaused = false;
      if (isOver) return;
      await hand(named);
    }
  };
  /** Ends the job: else it would wait for ever for what nobody hands over. */
  const giveUp = async (error: unknown): Promise<void> => {
    if (error instanceof BackendError && error.code === 'conflict') return;
    // The line is marked as down while it is, and the job tells what came of it.
    if (isAway(error)) return persist(() => backend.leaveUpload(job.id, true), Infinity);
    await persist(() => backend.steerJob(job.id, 'cancel')).catch(() => undefined);
    throw error;
  };
  try {
    for (const { path, reason } of unread) await persist(() => backend.reportUnread(job.id, path, reason));
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    await persist(() => backend.completeUpload(job.id));
  } catch (error) {
    isOver = true;
    await giveUp(error);
  } finally {
    release();
  }
  return { jobId: job.id, locked };
}
