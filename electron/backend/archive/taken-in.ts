// What one import takes in, by study: a study may be removed while files of it still come, and what was told as stored is gone then.
import type { Archive } from './archive.ts';
import type { Ingest } from './ingest.ts';
import type { IngestOrigin, IngestStream } from './ingest-stream.ts';
import type { IngestOutcome } from './ingest-outcome.ts';

export type Taking = Pick<Ingest, 'file' | 'stream'>;

const IS_THERE: ReadonlySet<IngestOutcome['outcome']> = new Set(['stored', 'repaired', 'duplicate']);

export class TakenIn implements Taking {
  readonly #ingest: Ingest;
  readonly #counts = new Map<string, number>();
  readonly #off: () => void;
  #removed = 0;

  constructor(archive: Pick<Archive, 'ingest' | 'onRemoval'>) {
    this.#ingest = archive.ingest;
    this.#off = archive.onRemoval((studyUid) => {
      this.#removed += this.#counts.get(studyUid) ?? 0;
      this.#counts.delete(studyUid);
    });
  }

  async file(origin: IngestOrigin, signal?: AbortSignal): Promise<IngestOutcome> {
    return this.#note(await this.#ingest.file(origin, signal));
  }

  stream(origin: IngestOrigin): IngestStream {
    const stream = this.#ingest.stream(origin);
    return {
      // It changes on the way.
      get wantsMore() {
        return stream.wantsMore;
      },
      write: (bytes) => stream.write(bytes),
      finish: async () => this.#note(await stream.finish()),
      abort: () => stream.abort(),
    };
  }

  /** Ends the look-out; says what was removed meanwhile, where something was. */
  close(): string | undefined {
    this.#off();
    if (this.#removed === 0) return undefined;
    const files = this.#removed === 1 ? 'file that came is' : 'files that came are';
    return `${this.#removed} ${files} not in the archive any more: the study was removed meanwhile. What of it came later is there: remove the study again, or import it again to have all of it.`;
  }

  #note(outcome: IngestOutcome): IngestOutcome {
    const { studyUid } = outcome;
    if (studyUid !== undefined && IS_THERE.has(outcome.outcome))
      this.#counts.set(studyUid, (this.#counts.get(studyUid) ?? 0) + 1);
    return outcome;
  }
}
