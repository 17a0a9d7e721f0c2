// Our always-on service provider: C-ECHO, C-STORE and N-EVENT-REPORT (PS3.4 A, B, J). It listens, asks the policy who may
// come in, and hands what comes to the sink, or to the C-MOVE that caused it.
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls, { TLSSocket } from 'node:tls';
import { notListening } from '#backend/base/not-listening.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { InstanceSink } from '../../source.ts';
import { Association, type IncomingRequest } from '../association.ts';
import { readAccepted, readByEvents, type Transport } from '../connect.ts';
import { COMMAND, NO_DATA_SET } from '../message/command-set.ts';
import type { DatasetTarget } from '../message/message-reader.ts';
import { STATUS } from '../message/status.ts';
import { CommitmentReports, takeEventReport } from '../services/commitment-reports.ts';
import { takeStore } from '../services/store-scp.ts';
import { DEFAULT_SETTINGS, type AssociationSettings } from '../settings.ts';
import { VERIFICATION } from '../tables/sop-classes.ts';
import { acceptedTlsReason, certificateView, secureOptions } from '../../tls.ts';
import type { AssociateRq } from '../pdu/pdu.ts';
import { MoveArrivals } from './move-arrivals.ts';
import { formalRejection, negotiate, rejection } from './negotiate.ts';
import type { Admission, Caller, ScpEvents, ScpPolicy, ScpSettings } from './scp-settings.ts';

/** Connections that have not asked for an association yet, beside the associations. */
const MAX_PENDING = 16;

export interface ScpParts {
  sink: InstanceSink;
  policy: ScpPolicy;
  events?: ScpEvents;
  /** Of a provider before this one, so that reports find who waits for them over a change of the settings. */
  commitments?: CommitmentReports;
}

export class DimseScp {
  readonly #scp: ScpSettings;
  readonly #settings: AssociationSettings;
  readonly #sink: InstanceSink;
  readonly #policy: ScpPolicy;
  readonly #events: ScpEvents;
  readonly #server: net.Server;
  /** Every connection, with its association once it has asked. */
  readonly #connections = new Map<Association, Caller | undefined>();
  readonly #sockets = new Set<Socket>();
  readonly moves = new MoveArrivals();
  readonly commitments: CommitmentReports;
  #isClosing = false;

  constructor(scp: ScpSettings, parts: ScpParts) {
    this.commitments = parts.commitments ?? new CommitmentReports();
    this.#scp = scp;
    this.#settings = { ...DEFAULT_SETTINGS, ...scp.settings };
    this.#sink = parts.sink;
    this.#policy = parts.policy;
    this.#events = parts.events ?? {};
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
    if (scp.tls) {
      const { asksClientCertificate } = scp.tls;
      this.#server = tls.createServer(
        {
          ...options,
          ...secureOptions(scp.tls),
          requestCert: asksClientCertificate,
          rejectUnauthorized: asksClientCertificate,
          handshakeTimeout: this.#settings.artimTimeoutMs,
        },
        (socket) => this.#connected(readByEvents(socket)),
      );
      const addresses = new WeakMap<Socket, string>();
      // A handshake that failed has no association to end; its socket is closed by the server.
      this.#server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
        // Both are destroyed by now, and only the one below was asked for its address in time; Node has no other way to it.
        const address = addresses.get((socket as unknown as { _parent: Socket })._parent) ?? '';
        const why = `no secure connection: ${acceptedTlsReason(error, socket)}`;
        this.#refused({ callingAet: '', calledAet: '', address }, why);
      });
      this.#server.on('connection', (socket: Socket) => {
        addresses.set(socket, numerical(socket.remoteAddress));
        this.#track(socket);
      });
    } else
      this.#server = net.createServer({ ...options, pauseOnConnect: true }, (accepted) => {
        const transport = readAccepted(accepted);
        this.#track(transport.socket);
        this.#connected(transport);
      });
    // Beyond associations and those who still have to ask, connections are dropped at once.
    this.#server.maxConnections = scp.maxAssociations + MAX_PENDING;
    this.#server.on('drop', (dropped) => {
      const caller = { callingAet: '', calledAet: '', address: numerical(dropped?.remoteAddress) };
      this.#refused(caller, 'the limit of connections is reached');
    });
  }

  /** Starts to listen. Rejects with LecternError 'conflict' when the port is taken or the address is not there. */
  async listen(): Promise<{ host: string; port: number }> {
    this.#server.listen(this.#scp.port, this.#scp.host);
    try {
      await once(this.#server, 'listening');
    } catch (error) {
      throw notListening(`${this.#scp.host}:${this.#scp.port}`, error);
    }
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  get aet(): string {
    return this.#scp.aet;
  }
  /** The one it got where any free one was asked for. */
  get listeningPort(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : this.#scp.port;
  }
  get openAssociations(): number {
    return [...this.#connections.values()].filter((caller) => caller !== undefined).length;
  }

  /** Stops listening and aborts what is open. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const association of this.#connections.keys())
      association.abort(new LecternError('peer-aborted', 'This system is closing.'));
    for (const socket of this.#sockets) socket.destroySoon();
    await closed;
  }

  /** Who is cut off because this system closes was not refused. */
  #refused(...args: Parameters<NonNullable<ScpEvents['onRefused']>>): void {
    if (!this.#isClosing) this.#events.onRefused?.(...args);
  }

  #track(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  #connected(transport: Transport): void {
    const { socket } = transport;
    let caller = callerOf(socket, undefined);
    const association: Association = new Association(transport, this.#settings, {
      onAssociateRequest: (pdu) => {
        caller = callerOf(socket, pdu);
        this.#decide(association, caller, pdu);
      },
      onAccepted: () => undefined,
      onRequest: (request) => this.#take(request, association, caller),
      onEnd: ({ error }) => {
        const wasOpen = this.#connections.get(association) !== undefined;
        this.#connections.delete(association);
        if (wasOpen) this.#events.onClosed?.(caller, error?.message);
        else if (error && error.code !== 'peer-rejected') this.#refused(caller, error.message);
      },
    });
    this.#connections.set(association, undefined);
    association.listen();
  }

  #decide(association: Association, caller: Caller, pdu: AssociateRq): void {
    const formal = formalRejection(pdu);
    if (formal) {
      this.#refused(caller, 'it asked for a protocol version or an application context that does not exist');
      return association.reject(formal);
    }
    const admission = this.#policy(caller, pdu.user.userIdentity);
    if (!(admission instanceof Promise)) return this.#answer(association, caller, pdu, admission);
    void admission.then((decided) => {
      // It may have given up meanwhile.
      if (this.#connections.has(association)) this.#answer(association, caller, pdu, decided);
    });
  }

  #answer(association: Association, caller: Caller, pdu: AssociateRq, decided: Admission): void {
    const isFull = decided.isAdmitted && this.openAssociations >= this.#scp.maxAssociations;
    const admission: Admission = isFull ? { isAdmitted: false, reason: 'busy' } : decided;
    if (!admission.isAdmitted) {
      this.#refused(caller, WHY[admission.reason], admission.reason);
      return association.reject(rejection(admission.reason));
    }
    const { pdu: answer, accepted } = negotiate(pdu, this.#scp, {
      maxPduBytes: this.#settings.maxPduBytes,
      isIdentified: admission.isIdentified === true,
    });
    this.#connections.set(association, caller);
    if (admission.maxBytesPerSecond !== undefined) association.limitRate(admission.maxBytesPerSecond);
    association.accept(answer, accepted, pdu.user.maxPduBytes ?? 0);
    this.#events.onOpened?.(caller);
  }

  #take(request: IncomingRequest, association: Association, caller: Caller): DatasetTarget | undefined {
    const { command } = request;
    switch (command.commandField) {
      case COMMAND.echoRq: {
        const status =
          request.context.abstractSyntaxUid === VERIFICATION ? STATUS.success : STATUS.sopClassNotSupported;
        association.respond(request, { status }).catch(() => undefined);
        return undefined;
      }
      case COMMAND.storeRq: {
        const move = this.moves.find({
          callingAet: caller.callingAet,
          sopInstanceUid: command.affectedSopInstanceUid ?? '',
          ...(command.moveOriginatorAet && { originatorAet: command.moveOriginatorAet }),
          ...(command.moveOriginatorMessageId !== undefined && { messageId: command.moveOriginatorMessageId }),
        });
        return takeStore(request, {
          association,
          peer: caller.callingAet,
          sink: move?.sink ?? this.#sink,
          ...(move?.early && { early: move.early }),
          onStored: (report) => {
            move?.onStored(report);
            this.#events.onStored?.(caller, report);
          },
        });
      }
      case COMMAND.eventReportRq:
        return takeEventReport(request, association, (report) => this.commitments.deliver(report, caller.callingAet));
      case COMMAND.cancelRq:
        return undefined;
      default:
        if (command.dataSetType === NO_DATA_SET || command.messageId !== undefined)
          association.respond(request, { status: STATUS.unrecognizedOperation }).catch(() => undefined);
        return undefined;
    }
  }
}

const WHY = {
  'unknown-caller': 'it is not on the list of those who may call',
  'wrong-called-aet': 'it called another AE title',
  'wrong-identity': 'its user name or passcode is not the one that is asked for',
  busy: 'the limit of associations is reached',
};

const numerical = (address = ''): string => address.replace(/^::ffff:/, '');

function callerOf(socket: Socket, pdu: AssociateRq | undefined): Caller {
  const view = socket instanceof TLSSocket ? certificateView(socket.getPeerCertificate()) : undefined;
  return {
    callingAet: pdu?.callingAet ?? '',
    calledAet: pdu?.calledAet ?? '',
    address: numerical(socket.remoteAddress),
    ...(view && { certificateSubject: view.subject }),
  };
}
