// Puts the fragments of messages together (PS3.7 6.3, PS3.8 E.2): command sets are gathered and parsed, data sets are passed
// on piece by piece to whoever takes the message.
import type { LecternError } from '#shared/contract/errors.ts';
import type { FragmentPiece } from '../pdu/pdu-reader.ts';
import { MAX_COMMAND_BYTES, NO_DATA_SET, parseCommand, type CommandSet } from './command-set.ts';

export interface IncomingMessage {
  contextId: number;
  command: CommandSet;
}

/** Where a data set goes. A returned promise holds the connection up until it resolves. */
export interface DatasetTarget {
  /** The bytes are valid until the call returns. */
  write(bytes: Buffer): Promise<void> | undefined;
  end(): Promise<void> | undefined;
  /** The data set will not be completed. */
  abort(error: LecternError): void;
}

export interface MessageReaderEvents {
  /** A command set is complete; undefined: its data set is not wanted. */
  onMessage(message: IncomingMessage): DatasetTarget | undefined;
  /** A message is read to its end. */
  onMessageEnd(): void;
  onDefect(detail: string): void;
}

export class MessageReader {
  readonly #events: MessageReaderEvents;
  #command: Buffer[] = [];
  #commandBytes = 0;
  #contextId: number | undefined;
  /** Set while a data set is expected. */
  #dataset: { target: DatasetTarget | undefined } | undefined;

  constructor(events: MessageReaderEvents) {
    this.#events = events;
  }

  get isInMessage(): boolean {
    return this.#contextId !== undefined;
  }

  take(piece: FragmentPiece): Promise<void> | undefined {
    if (this.#contextId !== undefined && this.#contextId !== piece.contextId) {
      const text = `Fragments of presentation contexts ${this.#contextId} and ${piece.contextId} are mixed.`;
      this.#events.onDefect(text);
      return undefined;
    }
    if (piece.isCommand === (this.#dataset !== undefined)) {
      this.#events.onDefect(
        piece.isCommand ? 'A command came where a data set was due.' : 'A data set came without its command.',
      );
      return undefined;
    }
    this.#contextId = piece.contextId;
    if (piece.isCommand) return this.#takeCommand(piece);
    const target = this.#dataset?.target;
    const isEnd = piece.isLast && piece.isEnd;
    const held = piece.bytes.length > 0 ? target?.write(piece.bytes) : undefined;
    if (!isEnd) return held;
    if (!held) return this.#end(target);
    return held.then(() => this.#end(target));
  }

  /** The connection has ended. */
  abort(error: LecternError): void {
    const target = this.#dataset?.target;
    this.#dataset = undefined;
    this.#contextId = undefined;
    target?.abort(error);
  }

  #end(target: DatasetTarget | undefined): Promise<void> | undefined {
    this.#dataset = undefined;
    this.#contextId = undefined;
    const held = target?.end();
    this.#events.onMessageEnd();
    return held;
  }

  #takeCommand(piece: FragmentPiece): undefined {
    this.#commandBytes += piece.bytes.length;
    if (this.#commandBytes > MAX_COMMAND_BYTES) {
      this.#events.onDefect(`A command set is longer than ${MAX_COMMAND_BYTES} bytes.`);
      return;
    }
    // A copy: the bytes belong to the socket's buffer.
    this.#command.push(Buffer.from(piece.bytes));
    if (!piece.isLast || !piece.isEnd) return;
    const parsed = parseCommand(Buffer.concat(this.#command));
    this.#command = [];
    this.#commandBytes = 0;
    if (!parsed.ok) {
      this.#events.onDefect(parsed.error);
      return;
    }
    const hasDataset = parsed.value.dataSetType !== NO_DATA_SET;
    if (!hasDataset) this.#contextId = undefined;
    const target = this.#events.onMessage({ contextId: piece.contextId, command: parsed.value });
    if (hasDataset) this.#dataset = { target };
    else this.#events.onMessageEnd();
  }
}
