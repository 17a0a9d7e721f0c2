// Counts what comes in during a transfer, each instance once: what broke off is asked for again, and comes again.
import type { AnnouncedInstance, InstanceSink, InstanceWriter, SinkOutcome } from '#backend/sources/source.ts';

export class Arrivals implements InstanceSink {
  readonly #sink: InstanceSink;
  readonly #arrived = new Set<string>();
  #base = 0;

  constructor(sink: InstanceSink) {
    this.#sink = sink;
  }

  /** So many are here; another number than `count` says that they were counted anew, in the archive. */
  startFrom(count: number): void {
    if (count === this.count) return;
    this.#base = count;
    this.#arrived.clear();
  }

  get count(): number {
    return this.#base + this.#arrived.size;
  }

  open(announced: AnnouncedInstance): InstanceWriter {
    const writer = this.#sink.open(announced);
    return {
      write: (bytes) => writer.write(bytes),
      abort: () => writer.abort(),
      finish: async () => {
        const outcome = await writer.finish();
        this.#note(outcome);
        return outcome;
      },
    };
  }

  #note({ outcome, sopInstanceUid = '' }: SinkOutcome): void {
    // What is here already was counted with the base, where there is one.
    const isNew = outcome === 'stored' || outcome === 'repaired' || (outcome === 'duplicate' && this.#base === 0);
    if (isNew) this.#arrived.add(sopInstanceUid);
  }
}
