// Rows of files that are durable already, many in one transaction. They are flushed a moment later, many at once: a power cut in
// between loses rows, never files, and the next start makes them anew from the files (unlisted-files.ts).
import type { ArchiveIndex } from './archive-index.ts';
import type { NewConflict, NewInstance } from './index-rows.ts';

/** What goes into the index, and who waits for it. */
interface Due {
  row: { instance: NewInstance } | { conflict: NewConflict };
  resolve(): void;
  reject(error: unknown): void;
}

/** How long a commit waits for files that are nearly there. */
const GATHER_MS = 4;
/** How long rows may be in the index and not flushed. */
const FLUSH_INDEX_MS = 1000;

export class RowCommits {
  readonly #index: ArchiveIndex;
  readonly #underwayCount: () => number;
  readonly #onCommit: () => void;
  #due: Due[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #indexFlush: NodeJS.Timeout | undefined;
  #isFlushOwed = false;

  /** `underwayCount`: how many files are on their way, those that wait here among them. */
  constructor(index: ArchiveIndex, underwayCount: () => number, onCommit: () => void) {
    this.#index = index;
    this.#underwayCount = underwayCount;
    this.#onCommit = onCommit;
  }

  /** Resolves when the row is in the index. */
  add(row: Due['row']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#due.push({ row, resolve, reject });
      // Others are on their way: a moment's patience lets them share this transaction. Alone, a file never waits.
      if (this.#due.length >= this.#underwayCount()) setImmediate(() => this.#commit());
      else this.#gathering ??= setTimeout(() => this.#commit(), GATHER_MS);
    });
  }

  /** Flushes the index; false where that failed. */
  close(): boolean {
    clearTimeout(this.#indexFlush);
    this.#flush();
    return !this.#isFlushOwed;
  }

  #commit(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const batch = this.#due;
    this.#due = [];
    if (!batch.length) return;
    try {
      // A disk that does not flush is said here, before there are rows whose files would be taken back.
      if (this.#isFlushOwed) this.#index.flush();
      this.#isFlushOwed = false;
      this.#index.commit(
        batch.flatMap(({ row }) => ('instance' in row ? row.instance : [])),
        batch.flatMap(({ row }) => ('conflict' in row ? row.conflict : [])),
      );
      this.#indexFlush ??= setTimeout(() => this.#flush(), FLUSH_INDEX_MS).unref();
      for (const item of batch) item.resolve();
      this.#onCommit();
    } catch (error) {
      for (const item of batch) item.reject(error);
    }
  }

  #flush(): void {
    this.#indexFlush = undefined;
    try {
      this.#index.flush();
      this.#isFlushOwed = false;
    } catch {
      // What these rows say stands in the files, which are durable; the next commit tries again, and fails with what ails the disk.
      this.#isFlushOwed = true;
    }
  }
}
