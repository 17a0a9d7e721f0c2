// Changes of lengths on their way to the backend's journal. Each is written in the page's storage at once and taken away when the
// backend has it: neither a page that goes nor a backend that is away loses one.
import { z } from 'zod';
import { storedLength, type StoredLength } from '#shared/contract/marks.ts';

const PENDING = 'lectern.length.';
const pendingName = (uid: string): string => PENDING + uid;
/** A drag tells of each of its moves: where it stops is kept. */
const SETTLE_MS = 250;
const RETRY_MS = 3000;

const change = z.object({
  studyUid: z.string(),
  uid: z.string(),
  /** Absent: deleted. */
  length: storedLength.optional(),
});
type Change = z.infer<typeof change>;

interface Waiting extends Change {
  /** As it stands in the storage. Written anew the same change may have its fields in another order: it is told by this text. */
  stored: string;
  /** Another page wrote it, which may be open still and send it, or something later, itself. */
  isTaken: boolean;
}

export interface LengthTransport {
  keep(length: StoredLength): Promise<void>;
  forget(studyUid: string, uid: string): Promise<void>;
}

/** What became of a change that the backend did not take: worth trying `again`, or `refused` for good. */
export type Fate = 'again' | 'refused';

export interface LengthOutboxOptions {
  transport: LengthTransport;
  fateOf(error: unknown): Fate;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
}

export interface OutboxState {
  /** Changes that the backend does not have yet. */
  waitingCount: number;
  /** Why the last one could not be kept; undefined while none failed. */
  failure: string | undefined;
}

export class LengthOutbox {
  readonly #options: LengthOutboxOptions;
  /** By length: the storage may be full or not allowed. */
  readonly #pending = new Map<string, Waiting>();
  readonly #listeners = new Set<(state: OutboxState) => void>();
  #failure: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isSending = false;

  /** Takes up what an earlier page could not send. */
  constructor(options: LengthOutboxOptions) {
    this.#options = options;
    const { storage } = options;
    for (let at = 0; at < storage.length; at++) {
      const name = storage.key(at);
      if (name === null || !name.startsWith(PENDING)) continue;
      const stored = storage.getItem(name) ?? '';
      const found = readChange(stored);
      if (found) this.#pending.set(found.uid, { ...found, stored, isTaken: true });
    }
    if (this.#pending.size > 0) this.#schedule(0);
  }

  keep(length: StoredLength): void {
    this.#put({ studyUid: length.studyUid, uid: length.uid, length });
  }
  forget(studyUid: string, uid: string): void {
    this.#put({ studyUid, uid });
  }

  /** What the backend holds of a study, with what it does not have yet; oldest first. */
  over(studyUid: string, held: readonly StoredLength[]): StoredLength[] {
    const found = new Map(held.map((length) => [length.uid, length]));
    for (const { studyUid: of, uid, length } of this.#pending.values()) {
      if (of !== studyUid) continue;
      if (length) found.set(uid, length);
      else found.delete(uid);
    }
    return [...found.values()].sort((a, b) => a.drawnAt - b.drawnAt);
  }

  /** Resolves once the backend has every change made so far; rejects with why it has not. */
  async drain(): Promise<void> {
    if (this.#pending.size === 0) return;
    // Asked anew: what it said before is no answer to this.
    this.#failure = undefined;
    this.#schedule(0);
    await new Promise<void>((resolve, reject) => {
      const answered = ({ waitingCount, failure }: OutboxState): void => {
        if (waitingCount > 0 && failure === undefined) return;
        this.#listeners.delete(answered);
        if (failure === undefined) resolve();
        else reject(new Error(failure));
      };
      this.#listeners.add(answered);
    });
  }

  /** Sends at once: for a page that is about to go. Where it is gone before the answers come, the next one sends them again. */
  sendNow(): void {
    for (const each of this.#pending.values()) {
      if (this.#isSuperseded(each)) continue;
      this.#send(each).then(
        () => this.#settle(each),
        () => undefined,
      );
    }
  }

  /** Calls back at once and after each change; returns the function that unregisters. */
  follow(listener: (state: OutboxState) => void): () => void {
    this.#listeners.add(listener);
    listener({ waitingCount: this.#pending.size, failure: this.#failure });
    return () => this.#listeners.delete(listener);
  }
  #tell(): void {
    for (const listener of this.#listeners) listener({ waitingCount: this.#pending.size, failure: this.#failure });
  }

  #put(made: Change): void {
    const stored = JSON.stringify(made);
    this.#pending.set(made.uid, { ...made, stored, isTaken: false });
    try {
      this.#options.storage.setItem(pendingName(made.uid), stored);
    } catch {
      // Full or not allowed: it waits in the page, and is lost only if that goes before the backend answers.
    }
    this.#schedule(SETTLE_MS);
    this.#tell();
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#flush(), ms);
  }

  /** One after the other, so that a later state of a length never overtakes an earlier one. */
  async #flush(): Promise<void> {
    if (this.#isSending) return this.#schedule(SETTLE_MS);
    this.#isSending = true;
    let failure: string | undefined;
    let isToTryAgain = false;
    for (const sent of this.#pending.values()) {
      if (this.#isSuperseded(sent)) {
        this.#pending.delete(sent.uid);
        continue;
      }
      try {
        await this.#send(sent);
        this.#settle(sent);
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
        isToTryAgain = this.#options.fateOf(error) === 'again';
        if (isToTryAgain) break;
        this.#settle(sent);
      }
    }
    this.#isSending = false;
    if (isToTryAgain) this.#schedule(RETRY_MS);
    this.#failure = failure;
    this.#tell();
  }

  /** The page that made it has sent it, or has a later one: ours must not come after that. */
  #isSuperseded({ uid, stored, isTaken }: Waiting): boolean {
    return isTaken && this.#options.storage.getItem(pendingName(uid)) !== stored;
  }

  #send({ studyUid, uid, length }: Change): Promise<void> {
    const { transport } = this.#options;
    return length ? transport.keep(length) : transport.forget(studyUid, uid);
  }

  /** Only what was sent is taken away: a later change may wait already. */
  #settle(sent: Waiting): void {
    if (this.#pending.get(sent.uid) === sent) this.#pending.delete(sent.uid);
    const name = pendingName(sent.uid);
    if (this.#options.storage.getItem(name) === sent.stored) this.#options.storage.removeItem(name);
  }
}

function readChange(text: string): Change | undefined {
  try {
    return change.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
