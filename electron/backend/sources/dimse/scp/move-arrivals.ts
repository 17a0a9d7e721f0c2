// Brings the C-STOREs that a C-MOVE of ours causes together with that move (PS3.4 C.4.2.1.6, PS3.7 9.1.1.1): by the move
// originator that the peer names, else by there being only one move open with it.
import type { InstanceSink } from '../../source.ts';
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
  sink: InstanceSink;
  early?: EarlyAnswers;
  onStored(report: StoredReport): void;
}

export class MoveArrivals {
  readonly #open = new Set<MoveExpectation>();

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
    const ofPeer = (moves: readonly MoveExpectation[]): MoveExpectation[] =>
      moves.filter(({ peerAet }) => peerAet === store.callingAet);
    if (store.originatorAet !== undefined && store.messageId !== undefined) {
      const named = candidates.filter(
        ({ originatorAet, messageId }) => originatorAet === store.originatorAet && messageId === store.messageId,
      );
      // Message IDs are counted for each association: moves with two nodes at a time may well have the same.
      const [only, ...others] = named.length > 1 ? ofPeer(named) : named;
      return others.length > 0 ? undefined : only;
    }
    const [only, ...others] = ofPeer(candidates);
    // What the move did not ask for is sent unasked; where it goes to is not for a move, or for the test of a node, to say.
    if (!only || others.length > 0 || only.sopInstanceUids?.has(store.sopInstanceUid) === false) return undefined;
    // It may as well be one that the node sends of its own accord, and deletes on our word: no early answer.
    const { early: _early, ...move } = only;
    return move;
  }
}
