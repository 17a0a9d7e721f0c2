// TLS as PS3.15 B.9 to B.11 (BCP 195) ask, for requestor and acceptor: versions, suites, certificates, and in words what
// was wrong with them. There is no way back to an unprotected connection.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { PeerCertificate, SecureContextOptions, TLSSocket } from 'node:tls';
import { LecternError } from '#shared/contract/errors.ts';
import type { CertificateView } from './source.ts';

/** PEM texts. `key` is a secret. */
export interface TlsSettings {
  /** Authorities that are trusted for this node; undefined: those of the system. */
  ca?: string;
  /** Our own certificate with its chain, where the peer asks for one. */
  certificate?: string;
  key?: string;
  keyPassphrase?: string;
  /** Name that the peer's certificate must bear; undefined: the host as it is called. */
  serverName?: string;
  /** Colon-separated SHA-256 of the one certificate that is taken whatever else is wrong with it. */
  pinnedFingerprint?: string;
}

/** RFC 9325 4.2 and TLS 1.3: forward secrecy and authenticated encryption only. */
const SUITES = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
].join(':');

/** Throws LecternError 'bad-request' where the key cannot be used with the certificate. */
export function checkKey(certificate: string | undefined, key: string, passphrase?: string): void {
  let parsed: KeyObject;
  try {
    parsed = createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    const why = /ENCRYPTED/.test(key) ? 'it is locked by a passphrase; give it without one' : 'it is given in PEM form';
    throw new LecternError('bad-request', `The key of the certificate cannot be read; ${why}.`, { cause });
  }
  if (certificate !== undefined && !new X509Certificate(certificate).checkPrivateKey(parsed))
    throw new LecternError('bad-request', 'The key does not belong to the certificate.');
}

/** Throws LecternError 'bad-request' as `checkKey` does. */
export function secureOptions(settings: TlsSettings): SecureContextOptions {
  if (settings.key !== undefined) checkKey(settings.certificate, settings.key, settings.keyPassphrase);
  return {
    minVersion: 'TLSv1.2',
    ciphers: SUITES,
    ...(settings.ca !== undefined && { ca: settings.ca }),
    ...(settings.certificate !== undefined && { cert: settings.certificate }),
    ...(settings.key !== undefined && { key: settings.key }),
    ...(settings.keyPassphrase !== undefined && { passphrase: settings.keyPassphrase }),
  };
}

const SENTENCES: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  INVALID_PURPOSE: 'its certificate is for another use: servers need one for servers, clients one for clients',
  INVALID_CA: 'an authority of its certificate may not issue certificates',
  PATH_LENGTH_EXCEEDED: 'its certificate comes from further below its authority than that allows',
  CERT_REVOKED: 'its certificate is revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; give its authority, or pin it',
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority of its certificate is not trusted for this node',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority of its certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority of its certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of its certificate is not known',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port',
  ERR_SSL_HTTP_REQUEST: 'it does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on this port',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it speaks no version of TLS that is still safe',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it speaks no version of TLS that is still safe',
  ERR_SSL_NO_SHARED_CIPHER: 'it has no cipher suite in common with us',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'it shows no certificate, and we ask for one',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'it did not finish the handshake in time',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'it has no cipher suite in common with us, or asks for a client certificate',
};
/** Alerts of the peer about our own certificate; OpenSSL's names for them differ between versions. */
const CLIENT_CERTIFICATE: readonly [RegExp, string][] = [
  [/CERTIFICATE_REQUIRED/, 'it asks for a client certificate, and this node has none, or no key to it'],
  [/HANDSHAKE_FAILURE/, 'it has no cipher suite in common with us, or asks for a client certificate'],
  [/ALERT_UNKNOWN_CA/, 'it does not trust the authority of our certificate'],
  [/ALERT_CERTIFICATE_EXPIRED/, 'our certificate has expired'],
  [/ALERT_CERTIFICATE_REVOKED/, 'our certificate is revoked'],
  [
    /ALERT_(BAD|UNSUPPORTED)_CERTIFICATE|ALERT_CERTIFICATE_UNKNOWN|ALERT_ACCESS_DENIED|ALERT_DECRYPT_ERROR/,
    'it does not take our certificate',
  ],
];

/** The reason of a TLS failure as the end of a sentence; undefined when it is none of TLS. */
export function tlsReason(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = SENTENCES[code] ?? CLIENT_CERTIFICATE.find(([pattern]) => pattern.test(code))?.[1];
  if (known !== undefined) return known;
  return /^ERR_(SSL|TLS|OSSL)_|^CERT_|CERT$|CERT_/.test(code) ? `TLS failed with ${code}` : undefined;
}

/** The same of a handshake that somebody began with us. A certificate that we do not take is not in the error, which is then of a
 * connection that ended. */
export function acceptedTlsReason(error: Error, { authorizationError }: TLSSocket): string {
  // Its type says Error; it is the code.
  const code: unknown = authorizationError;
  if (code) return tlsReason(Object.assign(new Error(), { code })) ?? `its certificate is not taken (${String(code)})`;
  return tlsReason(error) ?? 'it closed the connection early; it may not trust our certificate, or not speak TLS';
}

/** Opens TLS to a host; the certificate is checked against the node's authorities, its name and its dates. */
export function tlsConnect(settings: TlsSettings, host: string, socket: Socket): TLSSocket {
  const name = settings.serverName ?? host;
  const { pinnedFingerprint } = settings;
  return tls.connect({
    ...secureOptions(settings),
    socket,
    // Server names are for names only (RFC 6066 3).
    ...(!/^[\d.]+$|:/.test(name) && { servername: name }),
    rejectUnauthorized: pinnedFingerprint === undefined,
    checkServerIdentity: (_called, certificate) =>
      pinnedFingerprint === undefined ? tls.checkServerIdentity(name, certificate) : undefined,
  });
}

/** Refuses a certificate that is not the pinned one. */
export function checkPin(settings: TlsSettings, socket: TLSSocket): void {
  const { pinnedFingerprint } = settings;
  if (pinnedFingerprint === undefined) return;
  const found = socket.getPeerCertificate().fingerprint256;
  if (found?.toUpperCase() === pinnedFingerprint.toUpperCase()) return;
  throw new LecternError('peer-tls', 'TLS: the other system shows another certificate than the pinned one.');
}

const nameOf = (fields: Record<string, string | string[] | undefined> | undefined): string =>
  Object.entries(fields ?? {})
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : (value ?? '')}`)
    .join(', ');

/** What to show of a certificate; undefined when there is none. */
export function certificateView(certificate: PeerCertificate | undefined): CertificateView | undefined {
  if (!certificate?.fingerprint256) return undefined;
  return {
    subject: nameOf({ ...certificate.subject }),
    issuer: nameOf({ ...certificate.issuer }),
    names: certificate.subjectaltname ?? '',
    validFrom: new Date(certificate.valid_from).toISOString(),
    validTo: new Date(certificate.valid_to).toISOString(),
    fingerprint: certificate.fingerprint256,
  };
}
