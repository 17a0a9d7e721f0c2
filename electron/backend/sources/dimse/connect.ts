// Opens the transport to a node: name resolution, TCP, TLS, one after the other, so that a failure names its step.
import type { LookupAddress } from 'node:dns';
import dns from 'node:dns/promises';
import { once } from 'node:events';
import net, { type OnReadOpts, type Socket, type TcpNetConnectOpts } from 'node:net';
import { LecternError } from '#shared/contract/errors.ts';
import type { CertificateView } from '../source.ts';
import { certificateView, checkPin, tlsConnect, tlsReason, type TlsSettings } from '../tls.ts';

export interface Transport {
  socket: Socket;
  /** Where received bytes go from now on; they are valid until the call returns, or until `resume` where it calls the socket's
   * `pause`. */
  receive(take: (bytes: Buffer) => void): void;
  /** With TLS. */
  certificate?: CertificateView;
  tlsVersion?: string;
}
/** Bytes of one read; of accepted connections there may be many. */
const READ_BYTES = 256 * 1024;
const ACCEPTED_READ_BYTES = 128 * 1024;
/** Until the next address of a name is tried: long enough for a slow line, or a good one would be passed over. */
const NEXT_ADDRESS_MS = 2000;
type Resolve = (host: string) => Promise<LookupAddress[]>;
export type TransportStep = 'name-resolution' | 'tcp' | 'tls';

/** Rejects with LecternError 'peer-unreachable', 'peer-timeout' or 'peer-tls', or with the signal's reason. */
export async function openTransport(
  place: { host: string; port: number; tls?: TlsSettings },
  options: {
    timeoutMs: number;
    signal?: AbortSignal;
    onStep?: (step: TransportStep, detail: string) => void;
    /** Of names; for tests. */
    resolve?: Resolve;
  },
): Promise<Transport> {
  const { host, port } = place;
  const { signal, timeoutMs } = options;
  signal?.throwIfAborted();
  const found = await resolveName(host, options.resolve);
  const addresses = found.map(({ address }) => address).join(', ');
  options.onStep?.('name-resolution', addresses === host ? `${host} is an address.` : `${host} is ${addresses}.`);
  const both = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  // A name may have addresses where nothing listens: IPv6 ones mostly.
  const target: TcpNetConnectOpts = {
    host,
    port,
    lookup: (_host, { all }, callback) =>
      all ? callback(null, found) : callback(null, found[0]?.address ?? '', found[0]?.family),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
  };
  const { socket, receive } = place.tls
    ? readByEvents(net.connect(target))
    : readInPlace((onread) => net.connect({ ...target, onread }));
  const lost = (): LecternError => {
    const text = `${host}:${port} did not answer within ${timeoutMs / 1000} s. Check host, port and firewall.`;
    return new LecternError('peer-timeout', text);
  };
  await opened(socket, 'connect', both, (error) =>
    signal?.aborted ? signal.reason : both.aborted ? lost() : tcpError(error, host, port),
  );
  options.onStep?.('tcp', `Port ${port} is open.`);
  if (!place.tls) return { socket, receive };
  return secured(socket, place.tls, { ...options, host, both, lost });
}

/** One buffer for everything that is received: a buffer for each read would keep the garbage collector busy. */
function readInPlace(
  open: (onread: OnReadOpts) => Socket,
  readBytes = READ_BYTES,
): Pick<Transport, 'socket' | 'receive'> {
  let take: (bytes: Buffer) => void = () => undefined;
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  const callback = (count: number): boolean => {
    take(buffer.subarray(0, count));
    return true;
  };
  return { socket: open({ buffer, callback }), receive: (taker) => (take = taker) };
}

/** Reads in place from a socket that a server with `pauseOnConnect` accepted. Node has no option for that: its connection goes to a
 * new socket, as node:child_process does when it passes one on; the old one ends with it, so that the server counts right. */
export function readAccepted(accepted: Socket): Pick<Transport, 'socket' | 'receive'> {
  const holder = accepted as unknown as { _handle: unknown };
  const handle = holder._handle;
  if (!handle) return readByEvents(accepted.resume());
  holder._handle = null;
  return readInPlace((onread) => {
    const socket = new net.Socket({ handle, onread } as net.SocketConstructorOpts);
    return socket.once('close', () => accepted.destroy());
  }, ACCEPTED_READ_BYTES);
}

export const readByEvents = (socket: Socket): Pick<Transport, 'socket' | 'receive'> => ({
  socket,
  receive: (take) => void socket.on('data', take),
});

const systemAddresses: Resolve = (host) => dns.lookup(host, { all: true });

async function secured(
  plain: Socket,
  settings: TlsSettings,
  context: {
    host: string;
    both: AbortSignal;
    signal?: AbortSignal;
    lost: () => LecternError;
    onStep?: (step: TransportStep, detail: string) => void;
  },
): Promise<Transport> {
  const { both, signal } = context;
  const socket = tlsConnect(settings, context.host, plain);
  await opened(socket, 'secureConnect', both, (error) => {
    if (signal?.aborted) return signal.reason;
    if (both.aborted)
      return new LecternError('peer-tls', 'TLS: the other system did not finish the handshake in time.');
    const reason =
      tlsReason(error) ??
      'it closed the connection during the handshake; it may not speak TLS, or ask for a client certificate';
    return new LecternError('peer-tls', `TLS: the other system cannot be trusted or does not trust us: ${reason}.`, {
      cause: error,
    });
  });
  try {
    checkPin(settings, socket);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  const certificate = certificateView(socket.getPeerCertificate());
  const tlsVersion = socket.getProtocol() ?? '';
  context.onStep?.('tls', `${tlsVersion}, ${socket.getCipher().standardName}.`);
  return { ...readByEvents(socket), tlsVersion, ...(certificate && { certificate }) };
}

/** Each address once, in the system's order. */
async function resolveName(host: string, resolve: Resolve = systemAddresses): Promise<LookupAddress[]> {
  try {
    const found = await resolve(host);
    return [...new Map(found.map((each) => [each.address, each])).values()];
  } catch (error) {
    throw new LecternError('peer-unreachable', `The name ${host} cannot be resolved. Check the host of this node.`, {
      cause: error,
    });
  }
}

/** Waits for the event; on failure the socket is gone. */
async function opened(
  socket: Socket,
  event: string,
  signal: AbortSignal,
  failure: (error: unknown) => unknown,
): Promise<void> {
  // Until somebody else listens, a late error must not bring the process down.
  const ignore = (): undefined => undefined;
  socket.on('error', ignore);
  const early = (): void => void socket.emit('error', new Error('closed early'));
  socket.once('close', early);
  try {
    await once(socket, event, { signal });
  } catch (error) {
    socket.destroy();
    throw failure(error);
  } finally {
    socket.off('close', early);
  }
}

function tcpError(error: unknown, host: string, port: number): LecternError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const place = `${host}:${port}`;
  const texts: Record<string, string> = {
    ECONNREFUSED: `Nothing listens on ${place}. Check the port, and whether the other system runs.`,
    EHOSTUNREACH: `There is no route to ${place}.`,
    ENETUNREACH: `There is no route to ${place}.`,
    ETIMEDOUT: `${place} does not answer. Check host, port and firewall.`,
  };
  return new LecternError('peer-unreachable', texts[code] ?? `${place} cannot be reached${code ? ` (${code})` : ''}.`, {
    cause: error,
  });
}
