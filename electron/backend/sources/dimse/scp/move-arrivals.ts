// Brings the C-STOREs that a C-MOVE of ours causes together with that move (PS3.4 C.4.2.1.6, PS3.7 9.1.1.1): by the move
// originator that the peer names, else by there being only one move open with it.
import type { InstanceSink } from '../../source.ts';
import { messageIdAfter } from '../message/operation.ts';
import type { EarlyAnswers } from '../services/early-answers.ts';
import type { StoredReport } from '../services/store-scp.ts';

export interface MoveExpectation {
  /** Our AE title and message ID in the C-MOVE-RQ. */
  originatorAet: string;
  messageId: number;
  /** AE title of the node that was asked. */
  peerAet: string;
  /** What was asked for, where it was asked for one by one. */
  sopInstanceUids?: ReadonlySet<string>;
  /** Also what names no move. */
  takesUnnamed: boolean;
  sink: InstanceSink;
  early?: EarlyAnswers;
  onStored(report: StoredReport): void;
}

export class MoveArrivals {
  readonly #open = new Set<MoveExpectation>();
  #lastMessageId = 0;

  /** For the next C-MOVE-RQ: no other move under way has it, whatever its association, for C-STOREs name the move by it. */
  nextMessageId(): number {
    const isTaken = (id: number): boolean => [...this.#open].some(({ messageId }) => messageId === id);
    return (this.#lastMessageId = messageIdAfter(this.#lastMessageId, isTaken));
  }

  /** Gives how to end it. */
  expect(expectation: MoveExpectation): () => void {
    this.#open.add(expectation);
    return () => this.#open.delete(expectation);
  }

  /** The move that an arriving C-STORE belongs to; undefined: to none, it was sent unasked. */
  find(store: {
    callingAet: string;
    sopInstanceUid: string;
    originatorAet?: string;
    messageId?: number;
  }): MoveExpectation | undefined {
    const candidates = [...this.#open];
    if (store.originatorAet !== undefined && store.messageId !== undefined)
      return candidates.find(
        ({ originatorAet, messageId }) => originatorAet === store.originatorAet && messageId === store.messageId,
      );
    const [only, ...others] = candidates.filter(({ peerAet }) => peerAet === store.callingAet);
    // What the move did not ask for is sent unasked; where it goes to is not for a move, or for the test of a node, to say.
    if (!only?.takesUnnamed || others.length > 0 || only.sopInstanceUids?.has(store.sopInstanceUid) === false)
      return undefined;
    // It may as well be one that the node sends of its own accord, and deletes on our word: no early answer.
    const { early: _early, ...move } = only;
    return move;
  }
}
