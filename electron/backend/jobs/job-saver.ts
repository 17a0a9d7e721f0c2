// Stores how jobs stand, with the fate of their items. A disk that takes nothing ends no job and no process: what it did not take is
// kept and tried again.
import { LecternError } from '#shared/contract/errors.ts';
import type { FileReport } from '#shared/contract/views.ts';
import type { JobStore, StoredJob } from './job-store.ts';

export interface Saved {
  stored: StoredJob;
  /** Not stored yet. */
  items: FileReport[];
  /** `itemsDone` as it was stored last. */
  savedDone: number;
}

const RETRY_MS = 2000;

export class JobSaver {
  readonly #store: JobStore;
  readonly #onBug: (error: unknown) => void;
  readonly #owed = new Set<Saved>();
  #retry: NodeJS.Timeout | undefined;

  constructor(store: JobStore, onBug: (error: unknown) => void) {
    this.#store = store;
    this.#onBug = onBug;
  }

  save(job: Saved): void {
    try {
      this.saveOrThrow(job);
      this.#owed.delete(job);
    } catch (error) {
      if (!(error instanceof LecternError) && !this.#owed.has(job)) this.#onBug(error);
      this.#owed.add(job);
      this.#retry ??= setTimeout(() => this.#saveOwed(), RETRY_MS).unref();
    }
  }

  /** For a job that is not to begin where the disk does not take it. */
  saveOrThrow(job: Saved): void {
    if (job.items.length > 0) this.#store.addItems(job.stored.job.id, job.items);
    job.items = [];
    this.#store.save(job.stored);
    job.savedDone = job.stored.job.itemsDone;
  }

  /** Where it got further than is stored. */
  saveProgress(job: Saved): void {
    if (job.items.length > 0 || job.savedDone !== job.stored.job.itemsDone) this.save(job);
  }

  /** Of work that the program was cut off in: should it be what ends the program, it is to be found at the very same place. */
  saveStep({ stored }: Saved): void {
    if (stored.cutAt === undefined) return;
    try {
      this.#store.save(stored, { isFlushedLater: true });
    } catch (error) {
      // A disk that takes nothing is met by `saveProgress`, which tries again.
      if (!(error instanceof LecternError)) throw error;
    }
  }

  /** The last try. */
  close(): void {
    this.#saveOwed();
    clearTimeout(this.#retry);
  }

  #saveOwed(): void {
    this.#retry = undefined;
    for (const job of this.#owed) this.save(job);
  }
}
