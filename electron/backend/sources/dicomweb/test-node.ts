// Walks the way to a DICOMweb node step by step and says in words which step fails: name, connection, certificate, answer,
// credentials, each service.
import dns from 'node:dns/promises';
import { once } from 'node:events';
import net from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { LecternError } from '#shared/contract/errors.ts';
import { isValidityDue, validityWords } from '#shared/contract/validity.ts';
import { certificateView, checkPin, tlsConnect } from '../tls.ts';
import type { TestStep, TestStepName } from '../source.ts';
import { connectionFailure, type HttpClient } from './http-client.ts';
import { DEFAULT_TIMEOUTS, type DicomwebNode, type TokenSource } from './node.ts';
import { takesEncodingLiterally } from './plain-keys.ts';
import { query } from './qido.ts';

type Found = Omit<TestStep, 'step'>;
type Step = [TestStepName, () => Promise<Found>];

export async function* testNode(node: DicomwebNode, http: HttpClient, signal: AbortSignal): AsyncGenerator<TestStep> {
  const url = new URL(node.url);
  const { auth } = node;
  const steps: Step[] = [
    ['name-resolution', () => resolveName(url)],
    ['tcp', () => connect(url, signal)],
  ];
  if (url.protocol === 'https:') steps.push(['tls', () => handshake(node, url, signal)]);
  if (auth.kind === 'oauth') steps.push(['credentials', () => tryToken(auth.tokens, signal)]);
  steps.push(
    ['qido', () => tryQuery(http, signal)],
    ['wado', () => tryRetrieve(http, signal)],
    ['stow', () => tryStore(http, signal)],
  );
  let broken: TestStepName | undefined;
  for (const [step, run] of steps) {
    if (broken !== undefined) {
      yield { step, outcome: 'skipped', detail: `Not tried, since ${broken} failed.` };
      continue;
    }
    signal.throwIfAborted();
    let isCredentials = false;
    const found = await run().catch((error: unknown): Found => {
      if (signal.aborted) throw signal.reason;
      const failure = error instanceof LecternError ? error : connectionFailure(error, `${node.name} (${url.host})`);
      // Credentials are a step of their own in words, whatever service noticed them.
      isCredentials = failure.code === 'peer-credentials';
      return { outcome: 'failed', detail: failure.message };
    });
    const named = isCredentials ? 'credentials' : step;
    yield { step: named, ...found };
    if (found.outcome === 'failed' && step !== 'wado' && step !== 'stow') broken = named;
  }
}

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80));
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

async function resolveName(url: URL): Promise<Found> {
  const addresses = await dns.lookup(hostOf(url), { all: true });
  return { outcome: 'ok', detail: `${hostOf(url)} is ${addresses.map(({ address }) => address).join(', ')}.` };
}

async function connected(url: URL, signal: AbortSignal): Promise<net.Socket> {
  const socket = net.connect({ host: hostOf(url), port: portOf(url) });
  const late = AbortSignal.timeout(DEFAULT_TIMEOUTS.connectMs);
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, late]) });
    return socket;
  } catch (error) {
    socket.destroy();
    throw late.aborted ? Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' }) : error;
  }
}

async function connect(url: URL, signal: AbortSignal): Promise<Found> {
  const socket = await connected(url, signal);
  socket.destroy();
  return { outcome: 'ok', detail: `Port ${portOf(url)} answers.` };
}

async function handshake(node: DicomwebNode, url: URL, signal: AbortSignal): Promise<Found> {
  const settings = node.tls ?? {};
  const secure: TLSSocket = tlsConnect(settings, hostOf(url), await connected(url, signal));
  try {
    await once(secure, 'secureConnect', { signal });
    checkPin(settings, secure);
    const certificate = certificateView(secure.getPeerCertificate());
    const version = secure.getProtocol() ?? tls.DEFAULT_MAX_VERSION;
    if (!certificate) return { outcome: 'ok', detail: `${version}, certificate of nobody.` };
    const now = Date.now();
    return {
      outcome: isValidityDue(certificate, now) ? 'warning' : 'ok',
      detail: `${version}, certificate of ${certificate.subject}, ${validityWords(certificate, now)}.`,
      certificate,
    };
  } finally {
    secure.destroy();
  }
}

async function tryToken(tokens: TokenSource, signal: AbortSignal): Promise<Found> {
  await tokens.renew(signal);
  return { outcome: 'ok', detail: 'The token service gave a token.' };
}

async function tryQuery(http: HttpClient, signal: AbortSignal): Promise<Found> {
  for await (const answer of query(http, { level: 'study', keys: [], include: [], limit: 1 }, signal))
    if (answer.kind === 'match')
      return (await takesEncodingLiterally(http, signal))
        ? {
            outcome: 'warning',
            detail:
              'Queries are answered, but not decoded: names with "^", spaces or letters beyond ASCII are searched for with wildcards in their place.',
          }
        : { outcome: 'ok', detail: 'Queries are answered.' };
  return { outcome: 'warning', detail: 'Queries are answered, but there is no study to see.' };
}

async function tryRetrieve(http: HttpClient, signal: AbortSignal): Promise<Found> {
  for await (const answer of query(http, { level: 'series', keys: [], include: [], limit: 1 }, signal)) {
    if (answer.kind !== 'match') continue;
    const uid = (tag: string): string => String(answer.dataset[tag]?.Value?.[0] ?? '');
    const path = `/studies/${uid('0020000D')}/series/${uid('0020000E')}/metadata`;
    const metadata = await http.expect(path, { accept: 'application/dicom+json', signal });
    metadata.destroy();
    return { outcome: 'ok', detail: 'Retrieval is answered.' };
  }
  return { outcome: 'skipped', detail: 'There is nothing to retrieve.' };
}

/** Whether storing is offered, without storing anything: an empty request is refused as such where it is. */
async function tryStore(http: HttpClient, signal: AbortSignal): Promise<Found> {
  const answer = await http.request('/studies', {
    method: 'POST',
    accept: 'application/dicom+json',
    contentType: 'multipart/related; type="application/dicom"; boundary=lectern-test',
    body: async function* empty() {
      yield Buffer.from('\r\n--lectern-test--\r\n');
    },
    signal,
  });
  answer.resume();
  const status = answer.statusCode ?? 0;
  if (status === 401 || status === 403) throw await http.failure(answer);
  if (status === 404 || status === 405 || status === 501)
    return { outcome: 'warning', detail: `Storing is not offered (HTTP ${status}).` };
  return { outcome: 'ok', detail: 'Storing is offered.' };
}
