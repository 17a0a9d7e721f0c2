// An association after its transport is open: accepted presentation contexts, messages both ways, operations and their
// answers, release and abort. Requestor: request-association.ts; acceptor: scp/. Services are in services/.
import { LecternError } from '#shared/contract/errors.ts';
import type { Transport } from './connect.ts';
import { UpperLayer, type AssociationEnd } from './machine/upper-layer.ts';
import { collectDataset } from './message/collected-dataset.ts';
import {
  COMMAND,
  encodeCommand,
  NO_DATA_SET,
  HAS_DATA_SET,
  RESPONSE_BIT,
  type CommandSet,
} from './message/command-set.ts';
import { MessageReader, type DatasetTarget, type IncomingMessage } from './message/message-reader.ts';
import { messageIdAfter, Operation } from './message/operation.ts';
import { DataFramer, MIN_PDU_BYTES } from './pdu/data-framer.ts';
import type { AssociateAc, AssociateRj, AssociateRq } from './pdu/pdu.ts';
import type { AssociationSettings } from './settings.ts';

/** A presentation context that both sides agreed on. Roles are the requestor's (PS3.7 D.3.3.4). */
export interface AcceptedContext {
  id: number;
  abstractSyntaxUid: string;
  transferSyntaxUid: string;
}

/** A request of the peer. */
export interface IncomingRequest extends IncomingMessage {
  context: AcceptedContext;
}

export interface AssociationEvents {
  /** Acceptor: to be answered by `accept` or `reject`. */
  onAssociateRequest(pdu: AssociateRq): void;
  /** Requestor: the peer has accepted. */
  onAccepted(pdu: AssociateAc): void;
  /** A request of the peer, to be answered by `respond`; gives where its data set goes. */
  onRequest(request: IncomingRequest): DatasetTarget | undefined;
  onEnd(end: AssociationEnd): void;
}

export type Dataset = Uint8Array | AsyncIterable<Uint8Array>;

/** Requests of the peer that may be unanswered at a time, whatever was negotiated. */
const MAX_UNANSWERED = 64;
const isPending = (status: number): boolean => status === 0xff00 || status === 0xff01;

export class Association {
  readonly #upper: UpperLayer;
  readonly #events: AssociationEvents;
  readonly #settings: AssociationSettings;
  readonly #reader: MessageReader;
  readonly #operations = new Map<number, Operation>();
  #contexts = new Map<number, AcceptedContext>();
  #framer: DataFramer;
  #sending: Promise<void> = Promise.resolve();
  #lastMessageId = 0;
  #unanswered = 0;
  #isAcceptor = false;
  #isReleasing = false;
  #end: AssociationEnd | undefined;
  readonly ended: Promise<AssociationEnd>;

  constructor(transport: Transport, settings: AssociationSettings, events: AssociationEvents) {
    this.#events = events;
    this.#settings = settings;
    this.#reader = new MessageReader({
      onMessage: (message) => this.#message(message),
      onMessageEnd: () => this.#hurry(),
      onDefect: (detail) =>
        this.abort(new LecternError('peer-protocol', `The other system broke the protocol: ${detail}`)),
    });
    let settle: (end: AssociationEnd) => void;
    this.ended = new Promise((resolve) => (settle = resolve));
    this.#upper = new UpperLayer(
      transport,
      {
        onAssociateRequest: (pdu) => this.#events.onAssociateRequest(pdu),
        onAccepted: (pdu) => this.#events.onAccepted(pdu),
        onPiece: (piece) => {
          if (this.#end) return undefined;
          const wasInMessage = this.#reader.isInMessage;
          const held = this.#reader.take(piece);
          if (!wasInMessage) this.#hurry();
          return held;
        },
        onReleaseRequest: () => this.#upper.respondToRelease(),
        onEnd: (end) => {
          this.#end = end;
          const error = end.error ?? new LecternError('peer-closed', 'The association was released in mid-work.');
          this.#reader.abort(error);
          for (const operation of this.#operations.values()) operation.fail(error);
          settle(end);
          this.#events.onEnd(end);
        },
      },
      settings,
    );
    this.#framer = new DataFramer(this.#upper.buffers, 0);
  }

  get contexts(): ReadonlyMap<number, AcceptedContext> {
    return this.#contexts;
  }
  /** Accepted context of a SOP class, in this transfer syntax or in any. */
  contextFor(sopClassUid: string, transferSyntaxUid?: string): AcceptedContext | undefined {
    for (const context of this.#contexts.values()) {
      if (context.abstractSyntaxUid !== sopClassUid) continue;
      if (transferSyntaxUid === undefined || context.transferSyntaxUid === transferSyntaxUid) return context;
    }
    return undefined;
  }
  get isOpen(): boolean {
    return this.#end === undefined && !this.#isReleasing;
  }

  listen(): void {
    this.#isAcceptor = true;
    this.#upper.listen();
  }
  request(pdu: AssociateRq): void {
    this.#upper.request(pdu, this.#settings.associateTimeoutMs);
  }
  accept(pdu: AssociateAc, contexts: readonly AcceptedContext[], peerMaxPduBytes: number): void {
    this.establish(contexts, peerMaxPduBytes);
    this.#upper.answer(pdu);
    this.#hurry();
  }
  /** Bytes per second that may come in from now on. */
  limitRate(bytesPerSecond: number): void {
    this.#upper.limitRate(bytesPerSecond);
  }
  reject(pdu: AssociateRj): void {
    this.#upper.answer(pdu);
  }
  /** Sets what was agreed. */
  establish(contexts: readonly AcceptedContext[], peerMaxPduBytes: number): void {
    this.#contexts = new Map(contexts.map((context) => [context.id, context]));
    if (peerMaxPduBytes !== 0 && peerMaxPduBytes < MIN_PDU_BYTES)
      this.abort(
        new LecternError(
          'peer-protocol',
          `The other system takes PDUs of ${peerMaxPduBytes} bytes only; nothing fits.`,
        ),
      );
    else this.#framer = new DataFramer(this.#upper.buffers, peerMaxPduBytes);
    this.#hurry();
  }

  /** Sends a request; its answers come from the operation. The command's data set type is filled in, and its message ID where it
   * has none: one that it has must be in no use here. */
  operate(contextId: number, command: Omit<CommandSet, 'dataSetType'>, dataset?: Dataset): Operation {
    const operation = new Operation(command.messageId ?? this.#nextMessageId());
    if (this.#end) {
      operation.fail(this.#endError());
      return operation;
    }
    this.#operations.set(operation.messageId, operation);
    this.#hurry();
    // A failure to send ends the association, and the operation with it; what failed first is what counts.
    this.send(contextId, { ...command, messageId: operation.messageId }, dataset).catch((error: unknown) =>
      operation.fail(
        error instanceof LecternError ? error : new LecternError('internal', 'Sending failed.', { cause: error }),
      ),
    );
    return operation;
  }

  /** C-CANCEL-RQ (PS3.7 9.3.2.3). */
  async cancel(contextId: number, operation: Operation): Promise<void> {
    if (!this.#operations.has(operation.messageId) || this.#end) return;
    await this.send(contextId, { commandField: COMMAND.cancelRq, messageIdBeingRespondedTo: operation.messageId });
  }

  /** Answers a request of the peer. */
  async respond(request: IncomingRequest, answer: Omit<CommandSet, 'commandField' | 'dataSetType'>): Promise<void> {
    const { commandField, messageId, affectedSopClassUid } = request.command;
    this.#unanswered--;
    this.#hurry();
    await this.send(request.contextId, {
      ...(affectedSopClassUid !== undefined && { affectedSopClassUid }),
      ...(messageId !== undefined && { messageIdBeingRespondedTo: messageId }),
      ...answer,
      commandField: commandField | RESPONSE_BIT,
    });
  }

  /** One message; resolves when its last bytes are given to the socket. A data set that fails half-way aborts. */
  async send(contextId: number, command: Omit<CommandSet, 'dataSetType'>, dataset?: Dataset): Promise<void> {
    const before = this.#sending;
    let done: () => void = () => undefined;
    this.#sending = new Promise((resolve) => (done = resolve));
    await before;
    try {
      if (!this.#upper.beginData()) throw this.#endError();
      const bytes = encodeCommand({ ...command, dataSetType: dataset ? HAS_DATA_SET : NO_DATA_SET });
      await this.#framer.append(contextId, true, bytes);
      await this.#framer.end(contextId, true);
      if (dataset) await this.#sendDataset(contextId, dataset);
      this.#framer.flush();
    } finally {
      done();
    }
  }

  async #sendDataset(contextId: number, dataset: Dataset): Promise<void> {
    try {
      if (dataset instanceof Uint8Array) await this.#framer.append(contextId, false, dataset);
      else for await (const bytes of dataset) await this.#framer.append(contextId, false, bytes);
      await this.#framer.end(contextId, false);
    } catch (error) {
      const failure =
        error instanceof LecternError
          ? error
          : new LecternError('internal', 'Reading what was to be sent failed.', { cause: error });
      // What was begun cannot be taken back.
      this.abort(failure);
      throw failure;
    }
  }

  /** Ends in order (PS3.8 7.2); resolves when it has ended, however. */
  async release(): Promise<void> {
    this.#isReleasing = true;
    await this.#sending;
    this.#upper.requestRelease(this.#settings.artimTimeoutMs);
    await this.ended;
  }
  abort(error: LecternError): void {
    this.#upper.abort(error);
  }

  #endError(): LecternError {
    return this.#end?.error ?? new LecternError('peer-closed', 'The association has been released.');
  }

  #nextMessageId(): number {
    return (this.#lastMessageId = messageIdAfter(this.#lastMessageId, (id) => this.#operations.has(id)));
  }

  /** How long the peer may be silent now. */
  #hurry(): void {
    if (this.#end || this.#isReleasing || this.#upper.state !== 6) return;
    const { messageTimeoutMs, responseTimeoutMs, idleTimeoutMs } = this.#settings;
    if (this.#reader.isInMessage) this.#upper.expectWithin(messageTimeoutMs);
    // It waits for us, not we for it.
    else if (this.#unanswered > 0) this.#upper.expectWithin(undefined);
    else if (this.#operations.size > 0) this.#upper.expectWithin(responseTimeoutMs);
    else this.#upper.expectWithin(this.#isAcceptor ? idleTimeoutMs : undefined);
  }

  #message(message: IncomingMessage): DatasetTarget | undefined {
    const context = this.#contexts.get(message.contextId);
    if (!context) {
      this.#broken(`presentation context ${message.contextId} was not accepted.`);
      return undefined;
    }
    if (message.command.commandField & RESPONSE_BIT) return this.#response(message);
    // A cancel has no answer.
    const isCancel = message.command.commandField === COMMAND.cancelRq;
    if (!isCancel && message.command.messageId === undefined) {
      this.#broken('a request has no message ID.');
      return undefined;
    }
    if (!isCancel && ++this.#unanswered > MAX_UNANSWERED) {
      this.#broken(`${MAX_UNANSWERED} requests wait for their answers, and another one came.`);
      return undefined;
    }
    return this.#events.onRequest({ ...message, context });
  }

  #response({ command }: IncomingMessage): DatasetTarget | undefined {
    const operation = this.#operations.get(command.messageIdBeingRespondedTo ?? -1);
    const { status } = command;
    if (!operation || status === undefined) {
      this.#broken(operation ? 'a response has no status.' : 'a response came to a message that is not open.');
      return undefined;
    }
    const isFinal = !isPending(status);
    const deliver = (dataset: Buffer | undefined): Promise<void> | undefined => {
      if (isFinal) this.#operations.delete(operation.messageId);
      return operation.push({ command, status, dataset, isFinal });
    };
    if (command.dataSetType !== NO_DATA_SET) return collectDataset(deliver, (error) => this.abort(error));
    void deliver(undefined);
    return undefined;
  }

  #broken(detail: string): void {
    this.abort(new LecternError('peer-protocol', `The other system broke the protocol: ${detail}`));
  }
}
