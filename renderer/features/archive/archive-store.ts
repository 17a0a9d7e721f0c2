// One place that follows the backend: session, studies (through the local mirror), jobs, and whether the line is up.
import { backend, BackendError } from '../../backend-client/client.ts';
import { followEvents, type Line } from '../../backend-client/events.ts';
import { createArchiveMirror } from '../../local-db/archive-mirror.ts';
import type { Job, SeriesRow, SessionInfo, StudyRow } from '#shared/contract/views.ts';

export interface ArchiveState {
  session: SessionInfo | undefined;
  studies: readonly StudyRow[];
  /** Newest first. */
  jobs: readonly Job[];
  isLineUp: boolean;
  /** The backend answers, but not this page: it was started anew since. */
  isOtherStart: boolean;
  /** The first answer of the backend has come. */
  isLoaded: boolean;
  /** What to tell the person, until they close it. */
  notice: string | undefined;
}

/** Why the line is down, and what helps. */
export const awayWords = ({ isOtherStart }: Pick<ArchiveState, 'isOtherStart'>): string =>
  isOtherStart
    ? 'Lectern was started anew and does not know this page any more: open the address that it printed at its start.'
    : 'The backend does not answer.';

export interface ArchiveStore {
  state(): ArchiveState;
  subscribe(listener: () => void): () => void;
  start(): Promise<void>;
  refreshSession(): Promise<void>;
  seriesOf(studyUid: string): Promise<SeriesRow[]>;
  /** Runs a call to the backend; a failure becomes a notice, which goes with the next one that works. Resolves to whether it worked. */
  attempt(work: () => Promise<unknown>): Promise<boolean>;
  dismissNotice(): void;
  /** Calls back when lengths or key images of a study may be others than before; returns the function that unregisters. */
  onMarks(studyUid: string, listener: () => void): () => void;
  /** The same for what persons set. */
  onSettings(listener: () => void): () => void;
}

/** How often a backend that failed to answer is asked again. */
export const ASK_AGAIN_MS = 3000;

export function createArchiveStore(): ArchiveStore {
  const mirror = createArchiveMirror((since) => backend.changes(since));
  const listeners = new Set<() => void>();
  const settingsListeners = new Set<() => void>();
  const marked = new Set<{ studyUid: string; listener: () => void }>();
  let state: ArchiveState = {
    session: undefined,
    studies: [],
    jobs: [],
    isLineUp: true,
    isOtherStart: false,
    isLoaded: false,
    notice: undefined,
  };
  /** The notice that a call of `attempt` left. */
  let refusal: string | undefined;
  let hasLine = false;
  let isStreamCut = false;
  let asking: ReturnType<typeof setTimeout> | undefined;

  function set(change: Partial<ArchiveState>): void {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }
  const explain = (error: unknown): string =>
    error instanceof BackendError ? error.message : 'The page failed to do this.';

  /** A backend that is away is said by the line's mark; all else in words. */
  function fail(error: unknown): void {
    if (!(error instanceof BackendError))
      return set({ notice: `This page cannot keep its list of studies: ${String(error)}. Load it again.` });
    const isOtherStart = error.code === 'unauthorised';
    const isSaid = error.code === 'unreachable' || isOtherStart || !state.isLineUp;
    set({ isLineUp: false, isOtherStart, ...(!isSaid && { notice: error.message }) });
    // The stream of events need not be cut, whose opening would tell that the backend is back.
    if (!isOtherStart) asking ??= setTimeout(() => void askAgain(), ASK_AGAIN_MS);
  }

  async function askAgain(): Promise<void> {
    asking = undefined;
    if (!hasLine) return store.refreshSession();
    await catchUpAll();
    if (state.isLineUp) set({ isLoaded: true });
  }

  const catchUp = (): Promise<void> => mirror.catchUp().then(store.refreshSession).catch(fail);

  async function catchUpAll(): Promise<void> {
    await backend.jobs().then(({ jobs }) => set({ jobs }), fail);
    await catchUp();
  }

  async function followLine(line: Line): Promise<void> {
    const wasDown = isStreamCut;
    isStreamCut = line !== 'up';
    set({ isLineUp: !isStreamCut });
    // The session says why: locked, or another start of the backend.
    if (line === 'refused') await store.refreshSession();
    // What happened meanwhile was told to nobody.
    if (line !== 'up' || !wasDown) return;
    for (const { listener } of marked) listener();
    for (const listener of settingsListeners) listener();
    await catchUpAll();
  }

  async function followArchive(): Promise<void> {
    if (hasLine) return;
    hasLine = true;
    try {
      set({ jobs: (await backend.jobs()).jobs });
    } catch (error) {
      hasLine = false;
      throw error;
    }
    followEvents(
      (event) => {
        if (!state.isLineUp) set({ isLineUp: true, isOtherStart: false });
        if (event.type === 'changed') void catchUp();
        else if (event.type === 'marks') {
          for (const each of marked) if (each.studyUid === event.studyUid) each.listener();
        } else if (event.type === 'settings') {
          for (const listener of settingsListeners) listener();
        } else if (event.type === 'job') {
          set({
            jobs: [event.job, ...state.jobs.filter((job) => job.id !== event.job.id)].sort(
              (a, b) => b.createdAt - a.createdAt,
            ),
          });
          if (event.job.finishedAt !== null) void store.refreshSession();
        }
      },
      (line) => void followLine(line),
    );
    await mirror.start();
    set({ isLoaded: true });
  }

  const store: ArchiveStore = {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: async () => {
      mirror.subscribe(() => set({ studies: mirror.studies() }));
      await store.refreshSession();
    },
    refreshSession: async () => {
      try {
        const session = await backend.session();
        set({ session, isLineUp: true, isOtherStart: false });
        if (session.archive.state === 'open') await followArchive();
      } catch (error) {
        fail(error);
      }
    },
    seriesOf: (studyUid) => mirror.seriesOf(studyUid),
    attempt: async (work) => {
      // Not one of a call that was made meanwhile or with this one: nobody has read it yet.
      const before = refusal;
      try {
        await work();
        if (before !== undefined && before === refusal && before === state.notice) set({ notice: undefined });
        return true;
      } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') return false;
        refusal = explain(error);
        set({ notice: refusal });
        return false;
      }
    },
    dismissNotice: () => set({ notice: undefined }),
    onMarks: (studyUid, listener) => {
      const entry = { studyUid, listener };
      marked.add(entry);
      return () => marked.delete(entry);
    },
    onSettings: (listener) => {
      settingsListeners.add(listener);
      return () => settingsListeners.delete(listener);
    },
  };
  return store;
}
