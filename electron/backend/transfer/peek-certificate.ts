// Looks at the certificate of a node whose TLS failed, so that a person can judge it and pin it. Nothing is sent over that
// connection, and it is never used for anything else.
import { once } from 'node:events';
import tls from 'node:tls';
import { certificateView } from '#backend/sources/tls.ts';
import type { TestStep } from '#backend/sources/source.ts';
import type { NodeSettings } from '#shared/contract/nodes.ts';

const TIMEOUT_MS = 5000;

/** A failed TLS step with the certificate that the peer showed; any other step, and where none can be had, as it is. */
export async function withCertificate(step: TestStep, settings: NodeSettings, signal: AbortSignal): Promise<TestStep> {
  if (step.step !== 'tls' || step.outcome !== 'failed' || step.certificate !== undefined) return step;
  const { host, port } = addressOf(settings);
  const serverName = settings.tls?.serverName ?? host;
  const socket = tls.connect({
    host,
    port,
    rejectUnauthorized: false,
    ...(/[a-z]/i.test(serverName) && !serverName.includes(':') && { servername: serverName }),
  });
  // A late failure of a socket that nobody waits for any more is no news.
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
    const certificate = certificateView(socket.getPeerCertificate());
    return certificate ? { ...step, certificate } : step;
  } catch {
    return step;
  } finally {
    socket.destroy();
  }
}

function addressOf(settings: NodeSettings): { host: string; port: number } {
  if (settings.kind === 'dimse') return { host: settings.host.replace(/^\[|\]$/g, ''), port: settings.port };
  const url = new URL(settings.url);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 443) };
}
