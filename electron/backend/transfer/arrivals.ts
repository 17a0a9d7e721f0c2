// Counts what comes in during a transfer of what was asked for, each instance once: what broke off is asked for again, and comes again.
// Knows what our own side did not take, which is no fault of the node, and what came cut.
import type {
  AnnouncedInstance,
  InstanceSink,
  InstanceWriter,
  Selection,
  SinkOutcome,
} from '#backend/sources/source.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { isWithin, type Holdings } from './node-lists.ts';

export class Arrivals implements InstanceSink {
  readonly #sink: InstanceSink;
  readonly #selection: Selection;
  readonly #index: Holdings;
  /** What came and was not asked for, by study. */
  readonly unasked = new Map<string, Set<string>>();
  /** What came and is cut in the archive, with how that shows; by its UID. */
  readonly cut = new Map<string, string>();
  /** What came and names another patient than the study that it belongs to; by its UID. */
  readonly ofOtherPatient = new Map<string, string>();
  /** Came cut as it is here, or with other content: the node has no more of it. */
  readonly #settled = new Set<string>();
  readonly #arrived = new Set<string>();
  readonly #refused = new Map<string, string>();
  readonly #full = new AbortController();
  #base = 0;
  #bytes = 0;

  constructor(sink: InstanceSink, selection: Selection, index: Holdings) {
    this.#sink = sink;
    this.#selection = selection;
    this.#index = index;
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

  /** Of what was taken in, each instance once, or is on its way. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Aborted, with the LecternError as its reason, once our archive cannot be written: nothing more can come. */
  get full(): AbortSignal {
    return this.#full.signal;
  }

  /** Why an instance that came was not taken in; undefined where it did not come, or was. Under '' what came without a UID. */
  refusalOf(sopInstanceUid: string): string | undefined {
    return this.#refused.get(sopInstanceUid);
  }

  /** The selections without the instances of which the node has nothing that could be added to what is here. */
  worthAsking(selections: readonly Selection[]): Selection[] {
    return selections
      .map((selection) => ({
        ...selection,
        ...(selection.sopInstanceUids && {
          sopInstanceUids: selection.sopInstanceUids.filter((uid) => !this.#settled.has(uid)),
        }),
      }))
      .filter(({ sopInstanceUids }) => sopInstanceUids?.length !== 0);
  }

  open(announced: AnnouncedInstance): InstanceWriter {
    const writer = this.#watched(() => this.#sink.open(announced));
    let bytes = 0;
    const drop = (): void => {
      this.#bytes -= bytes;
      bytes = 0;
    };
    return {
      write: (piece) => {
        bytes += piece.length;
        this.#bytes += piece.length;
        return this.#watched(() => writer.write(piece))?.catch((error: unknown) => this.#fail(error));
      },
      abort: () => {
        drop();
        return writer.abort();
      },
      finish: async () => {
        const outcome = await writer.finish().catch((error: unknown) => this.#fail(error));
        if (!this.#note(outcome)) drop();
        bytes = 0;
        return outcome;
      },
    };
  }

  #watched<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    if (error instanceof LecternError && (error.code === 'disk-full' || error.code === 'not-written'))
      this.#full.abort(error);
    throw error;
  }

  /** False for what was counted before, or does not count. */
  #note(instance: SinkOutcome): boolean {
    const { outcome, sopInstanceUid = '', studyUid, reason = 'It was not taken in.' } = instance;
    if (outcome === 'refused' || outcome === 'conflict') this.#refused.set(sopInstanceUid, reason);
    else this.#refused.delete(sopInstanceUid);
    if (studyUid !== undefined && outcome !== 'refused' && !isWithin(this.#selection, instance)) {
      const others = this.unasked.get(studyUid) ?? new Set();
      const isFirst = !others.has(sopInstanceUid);
      this.unasked.set(studyUid, others.add(sopInstanceUid));
      return isFirst;
    }
    if (instance.code === 'other-patient') this.ofOtherPatient.set(sopInstanceUid, reason);
    const isCut = this.#noteCut(instance);
    // What is here already was counted with the base, where there is one.
    const isHeld = outcome === 'stored' || outcome === 'repaired' || (outcome === 'duplicate' && this.#base === 0);
    const isNew = isHeld && !isCut && !this.#arrived.has(sopInstanceUid);
    if (isNew) this.#arrived.add(sopInstanceUid);
    return isNew;
  }

  /** Whether it is cut in the archive now; what became whole or stands against it is not told as cut. */
  #noteCut({ outcome, sopInstanceUid = '', code, reason }: SinkOutcome): boolean {
    if (outcome === 'refused') return false;
    if (outcome === 'conflict') this.#settled.add(sopInstanceUid);
    const isCut = outcome !== 'conflict' && code !== undefined && !this.#index.damage.isWhole(sopInstanceUid);
    if (!isCut) this.cut.delete(sopInstanceUid);
    else if (outcome === 'repaired') this.cut.set(sopInstanceUid, reason ?? 'Its end is missing.');
    else {
      this.#settled.add(sopInstanceUid);
      if (!this.cut.has(sopInstanceUid)) this.cut.set(sopInstanceUid, 'It is cut there as it is here.');
    }
    return isCut;
  }
}
