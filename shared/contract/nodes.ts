// Other systems as a person sets them up: nodes of both protocols, without their secrets. Secrets go one way, in.
import { z } from 'zod';
import type { Validity } from './validity.ts';

/** AE title (PS3.5 6.2, VR AE): 1 to 16 characters of the basic repertoire without backslash. */
export const aet = z
  .string()
  .trim()
  .regex(/^[\x20-\x5b\x5d-\x7e]{1,16}$/, 'An AE title has 1 to 16 characters, no backslash.');
const PORT = 'A port is a whole number from 1 to 65535.';
const port = z.number(PORT).int(PORT).min(1, PORT).max(65535, PORT);
const HOST = 'A host is a name or an address, as pacs.example.org or 10.0.0.7.';
const host = z
  .string()
  .trim()
  .min(1, HOST)
  .max(253, HOST)
  .regex(/^[\w.:[\]-]+$/, HOST)
  // An address of IPv6, as it stands in a URL.
  .transform((written) => /^\[(.+)\]$/.exec(written)?.[1] ?? written);
const pem = z
  .string()
  .max(200_000, 'A certificate has up to 200000 characters.')
  .regex(/-----BEGIN CERTIFICATE-----/, 'A certificate is given in PEM form.');
const uid = z.string().regex(/^[0-9][0-9.]{0,63}$/);

export const nodeName = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u, 'A name has up to 64 letters, digits, blanks, dots, dashes.');

export const tlsChoice = z.object({
  /** PEM; absent: the authorities of the system. */
  ca: pem.optional(),
  /** Our own certificate with its chain; its key is a secret. */
  certificate: pem.optional(),
  serverName: z.string().max(253).optional(),
  /** Colon-separated SHA-256 of the one certificate that is taken. */
  pinnedFingerprint: z
    .string()
    .regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/i)
    .optional(),
});

/** Connections at a time for one retrieval or sending. Absent: `DEFAULT_CONNECTIONS` to retrieve, one to send, since a storage
 * provider that takes one association at a time lets the others wait. */
const CONNECTIONS = 'Connections at a time are a whole number from 1 to 8.';
const connections = z.number(CONNECTIONS).int(CONNECTIONS).min(1, CONNECTIONS).max(8, CONNECTIONS).optional();
/** Quickest with Orthanc and dcmqrscp on two cores; more gained nothing. */
export const DEFAULT_CONNECTIONS = 3;

export const dimseNode = z.object({
  kind: z.literal('dimse'),
  name: nodeName,
  aet,
  host,
  port,
  callingAet: aet,
  retrieve: z.enum(['get', 'move'], 'Retrieved is by get or move.').default('get'),
  root: z.enum(['study', 'patient']).default('study'),
  moveDestinationAet: aet.optional(),
  /** Specific Character Set of queries, as `ISO_IR 100`. */
  charset: z
    .string()
    .regex(
      /^(ISO_IR \d{1,3}|GB18030|GBK|(\\?ISO 2022 IR \d{1,3})+)$/,
      'A character set is written as ISO_IR 100, GB18030, GBK, or ISO 2022 IR 87 and others with a backslash between.',
    )
    .optional(),
  preferredTransferSyntaxUids: z.array(uid).max(64).optional(),
  privateSopClassUids: z.array(uid).max(256).optional(),
  /** User identity (PS3.7 D.3.3.7); the passcode is a secret. */
  user: z.string().max(256, 'A user has up to 256 characters.').optional(),
  connections,
  tls: tlsChoice.optional(),
});

const webAddress = z
  .url({ protocol: /^https?$/, error: 'An address begins with http:// or https:// and a host.' })
  .max(2048, 'An address has up to 2048 characters.');

/** As it is kept: one that was taken before its address was looked at so closely can still be seen and mended. */
const keptDicomwebNode = z.object({
  kind: z.literal('dicomweb'),
  name: nodeName,
  url: webAddress.regex(/^https?:\/\/[^/?#@]+(?:[/?#]|$)/i, 'User and password do not belong into the address.'),
  auth: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('none') }),
      z.object({
        kind: z.literal('basic'),
        user: z
          .string()
          .min(1, 'This is needed for this kind of sign-in.')
          .max(256, 'A user has up to 256 characters.'),
      }),
      z.object({ kind: z.literal('bearer') }),
      z.object({
        kind: z.literal('oauth'),
        grant: z.enum(['client-credentials', 'authorization-code']),
        tokenUrl: webAddress,
        authorizeUrl: webAddress.optional(),
        clientId: z.string().min(1).max(512),
        scope: z.string().max(1024).optional(),
      }),
    ])
    .default({ kind: 'none' }),
  connections,
  tls: tlsChoice.optional(),
});

export const dicomwebNode = keptDicomwebNode.extend({
  url: keptDicomwebNode.shape.url.regex(
    /^[^?#]*$/,
    'The address of a DICOMweb node has no "?" and no "#": the paths of DICOMweb are put to its end.',
  ),
  auth: keptDicomwebNode.shape.auth.refine((auth) => auth.kind !== 'basic' || !auth.user.includes(':'), {
    path: ['user'],
    error: 'A user has no colon here: the password would begin behind it (RFC 7617 2).',
  }),
});

export const nodeSettings = z.discriminatedUnion('kind', [dimseNode, dicomwebNode]);
export const keptNodeSettings = z.discriminatedUnion('kind', [dimseNode, keptDicomwebNode]);
export type NodeSettings = z.infer<typeof nodeSettings>;
export type DimseNodeSettings = z.infer<typeof dimseNode>;
export type DicomwebNodeSettings = z.infer<typeof dicomwebNode>;

/** `password`: of basic authorisation, bearer token, OAuth client secret, DIMSE passcode. `key`: PEM of our certificate's key.
 * `refresh`: OAuth refresh token, written by signing in only. */
export const secretName = z.enum(['password', 'key', 'refresh']);
export type SecretName = z.infer<typeof secretName>;

/** A node as it is answered: which secrets it has, never what they are. */
export interface NodeView {
  settings: NodeSettings;
  secrets: SecretName[];
  /** Of our own client certificate; null where there is none. */
  certificateValidity: Validity | null;
  /** Why the last signing in came to nothing, one sentence. */
  signInFailure?: string;
}

/** Answer to an edit: secrets that were forgotten, since they would go elsewhere now. */
export interface NodeEdited {
  forgotten: SecretName[];
}

/** Answer to an import: the secrets that replaced nodes had, by node. They are forgotten. */
export interface NodesImported {
  imported: number;
  forgotten: Record<string, SecretName[]>;
}

export interface CertificateView extends Validity {
  subject: string;
  issuer: string;
  names: string;
  /** Colon-separated SHA-256. */
  fingerprint: string;
}

export type TestStepName =
  | 'name-resolution'
  | 'tcp'
  | 'tls'
  | 'association'
  | 'echo'
  | 'find'
  | 'worklist'
  | 'get'
  | 'move'
  | 'return-path'
  | 'http'
  | 'credentials'
  | 'qido'
  | 'wado'
  | 'stow';

/** One step of a node test, in the order in which they depend on one another; after a failure only what can still be tried. */
export interface TestStep {
  step: TestStepName;
  outcome: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was found, in words; for a failure also what to do. */
  detail: string;
  certificate?: CertificateView;
}

/** A line of the answer to a node test: a step, or why the test itself could not go on. */
export type TestLine = TestStep | { failed: { code: string; reason: string } };
