// The answers to one request, in their order, as they come (PS3.7 9.3, 10.3). A reader that falls behind holds the connection.
import type { LecternError } from '#shared/contract/errors.ts';
import type { CommandSet } from './command-set.ts';

export interface OperationResponse {
  command: CommandSet;
  /** The status; a response without one is none. */
  status: number;
  dataset: Buffer | undefined;
  isFinal: boolean;
}

const MAX_WAITING = 256;
const MAX_MESSAGE_ID = 0xffff;

/** The next message ID (PS3.7 E.1, VR US) that is free. */
export function messageIdAfter(last: number, isTaken: (id: number) => boolean): number {
  let id = last;
  do id = (id % MAX_MESSAGE_ID) + 1;
  while (isTaken(id));
  return id;
}

export class Operation {
  readonly messageId: number;
  readonly #ready: OperationResponse[] = [];
  #waiter: { resolve(response: OperationResponse): void; reject(error: unknown): void } | undefined;
  #drained: (() => void) | undefined;
  #failure: LecternError | undefined;

  constructor(messageId: number) {
    this.messageId = messageId;
  }

  /** The next response. Rejects when the association ends before it. */
  async next(): Promise<OperationResponse> {
    const response = this.#ready.shift();
    if (response) {
      if (this.#ready.length <= MAX_WAITING / 2) {
        this.#drained?.();
        this.#drained = undefined;
      }
      return response;
    }
    if (this.#failure) throw this.#failure;
    return new Promise((resolve, reject) => (this.#waiter = { resolve, reject }));
  }

  /** Reads to the end without looking. */
  async drain(): Promise<OperationResponse> {
    for (;;) {
      const response = await this.next();
      if (response.isFinal) return response;
    }
  }

  push(response: OperationResponse): Promise<void> | undefined {
    if (this.#waiter) {
      this.#waiter.resolve(response);
      this.#waiter = undefined;
      return undefined;
    }
    this.#ready.push(response);
    if (this.#ready.length < MAX_WAITING) return undefined;
    return new Promise((resolve) => (this.#drained = resolve));
  }

  fail(error: LecternError): void {
    this.#failure ??= error;
    this.#waiter?.reject(error);
    this.#waiter = undefined;
    this.#drained?.();
    this.#drained = undefined;
  }
}
